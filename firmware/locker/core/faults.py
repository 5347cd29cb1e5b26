"""Numbers of everything that can be wrong or refused. People see them as E11, E29, ...; a number
is never used for something else.

Only numbers here: the station shows and sends numbers. Names, causes and hints are in
``catalogue``, which stays on the host.
"""

from micropython import const

NONE = const(0)

# A typed entry is refused.
TYPO = const(10)
WRONG_CODE = const(11)
SPENT = const(12)
DOOR_UNUSABLE = const(13)
WAIT = const(14)
CODE_LOCKED = const(15)
CLOCK_LOST = const(16)
CLAIM_USED_UP = const(17)
NO_FREE_DOOR = const(18)
NO_SUCH_DOOR = const(19)

# Why a right code was of no use, in the journal only: the person is told WRONG_CODE.
CODE_EXPIRED = const(90)
CODE_EARLY = const(91)
CODE_REPLAYED = const(92)
CODE_REVOKED = const(93)
CODE_OF_OTHER_DOOR = const(94)
OUTSIDE_HOURS = const(95)
# And what a person is told.
TWO_CODES = const(96)
NOTHING_TO_REVOKE = const(97)
GRANT_INVALID = const(98)

# A door does not do what it should.
NOT_PULLED = const(20)
NO_RELEASE = const(21)
JAMMED = const(22)
NOT_LATCHED = const(23)
AJAR = const(24)
HELD_OPEN_SOON = const(25)
HELD_OPEN = const(26)
FORCED_OPEN = const(27)
FOUND_OPEN = const(28)
CONFLICT = const(29)
SENSOR_LOST = const(30)
FLAPPING = const(31)
WRONG_DOOR = const(32)
PULSE_OVERRUN = const(33)
NOT_OPENED = const(34)
INHIBITED_TOO_OFTEN = const(35)
PULSE_REFUSED = const(36)
SERVICE_RELEASED = const(37)
RESET_IN_PULSE = const(38)
DRIVER_WELDED = const(39)

# The station.
BOARD_INVALID = const(40)
SETTINGS_INVALID = const(41)
STORAGE_UNWRITABLE = const(42)
STATE_LOST = const(43)
DEMO_KEYS = const(44)
RTC_SILENT = const(45)
CLOCK_UNSYNCED = const(46)
NETWORK_DOWN = const(47)
BROKER_DOWN = const(48)
DISPLAY_SILENT = const(49)
KEY_STUCK = const(50)
TASK_FAILED = const(51)
TASK_FAILED_OFTEN = const(52)
JOURNAL_DAMAGED = const(53)
STATE_REPAIRED = const(54)
STATE_NEWER = const(55)
STATE_FOREIGN = const(56)
MEMORY_LOST = const(57)
SAFE_MODE = const(58)
CONTACTS_UNREAD = const(59)
CODE_DAMAGED = const(78)

# Coils, cabinet and supply as analog inputs tell them.
COIL_OPEN = const(70)
TAMPERED = const(71)
TAMPER_UNTOLD = const(72)
MAINS_FAILED = const(73)
MAINS_UNTOLD = const(74)
SUPPLY_LOW = const(75)
SUPPLY_SAGS = const(76)
COIL_SHORT = const(77)

# A message from the network is refused.
MESSAGE_MALFORMED = const(60)
MESSAGE_OVERSIZED = const(61)
MESSAGE_RETAINED = const(62)
COMMAND_UNKNOWN = const(63)
COMMAND_OUT_OF_ORDER = const(64)
COMMAND_EXPIRED = const(65)
COMMAND_FORGED = const(66)
COMMAND_NOT_NOW = const(67)
CLOCK_NOT_SURE = const(68)

# Trusted time, and what is wrong with it.
CLOCK_STEPPED = const(80)
TIME_BELOW_FLOOR = const(81)
TIME_UNCONFIRMED = const(82)
TIME_FORGED = const(83)
TOKEN_WRONG = const(84)
TOKEN_STALE = const(85)
NEAR_MISS = const(86)
CLOCK_SUSPECT = const(87)
SNTP_DISAGREES = const(88)

# A parcel.
OVERDUE = const(99)
