"""What each fault number means: name, cause, what the station does, when it ends, what operator
and person do. Host side only: the firmware build leaves this module out.
"""

from typing import NamedTuple

from locker.core import faults

# What the station does about it, mildest first: of two faults the higher rank decides.
RECORD, SHOW, REFUSE, RETRY, WARN, ALARM = range(6)
INHIBIT, FAIL_CLOSED, HALT, CUT_OFF, RESTART, LOCK = range(6, 12)
ACTIONS = (
    ("record", "it is recorded"),
    ("show", "it is shown on the idle screen and sent"),
    ("refuse", "this entry, release or message is refused"),
    ("retry", "one more pulse after a cool-down"),
    ("warn", "the person at the door is asked to act"),
    ("alarm", "alarm at the station and to the host"),
    ("inhibit", "the door gives no releases until its readings are good again"),
    ("fail_closed", "the door is latched out of service; the first cause stays"),
    ("halt", "no door gives a release to a person; service releases work"),
    ("cut_off", "no pulse at all, service releases included"),
    ("restart", "coils off; the task starts anew; doors, or what fails again: the station"),
    ("lock", "the station stays locked"),
)

# When it ends.
EVENT = "it is an event; nothing lasts"
ITSELF = "when its cause ends"
STEADY = "by itself after 5 s of good readings, at most 3 times a day"
CLEAR = "`lockerctl station clear`, with good readings"
REPAIR = "after repair and a restart"


class Fault(NamedTuple):
    """One row: stable number, name as used in events, why it happens, what the operator does about
    it; what the station does, when it ends, what the person at the keypad does ("": not shown).
    """

    number: int
    name: str
    cause: str
    hint: str
    action: int = RECORD
    clears: str = EVENT
    person: str = ""


# fmt: off
_ROWS = (
    Fault(
        faults.TYPO, "typo",
        "The check digit does not fit: a digit is wrong or two are swapped; or too many (note).",
        "Ask the person to type the code again, group by group. It cost no attempt.",
        REFUSE, EVENT, "Type the code once more, group by group. Nothing was lost."),
    Fault(
        faults.WRONG_CODE, "wrong_code",
        "No code that is good now fits the door. E86 follows if it was right for something else.",
        "Check door, code and validity with `lockerctl code issue`; issue a new one if it ran "
        "out.",
        REFUSE, EVENT, "Check the door number and the code; then ask support."),
    Fault(
        faults.SPENT, "spent",
        "There is no parcel behind that door: its codes were used, or none was put in.",
        "A code works for one pickup. Look up the last `collected` event of the door.",
        REFUSE, EVENT, "Check the door number and the code; then ask support."),
    Fault(
        faults.DOOR_UNUSABLE, "door_unusable",
        "The door is out of service, blocked, or its sensors are not trusted.",
        "Look at the door's own fault. The parcel needs a service visit.",
        REFUSE, CLEAR,
        "The door is out of service. Your parcel is safe: call support."),
    Fault(
        faults.WAIT, "wait",
        "Too many wrong codes lately: the station takes the next one after a short delay.",
        "Nothing to do. The delay is 30 seconds at most and the display counts it down.",
        REFUSE, ITSELF, "Wait until the display has counted down, then type again."),
    Fault(
        faults.CODE_LOCKED, "code_locked",
        "So many wrong codes for this parcel or courier: only the long code is taken.",
        "Check who asks, then `lockerctl code issue --recovery` or `code courier --long`.",
        REFUSE, EVENT, "Ask support for a recovery code."),
    Fault(
        faults.CLOCK_LOST, "clock_lost",
        "The station does not know the time, so no time-bound code can be judged.",
        "Give the person the recovery code; check the RTC battery and set the clock.",
        REFUSE, ITSELF, "Ask support for a recovery code."),
    Fault(
        faults.CLAIM_USED_UP, "claim_used_up",
        "The code released the door three times and the door was not opened.",
        "The door sticks or nobody pulled. Send service; the parcel is still inside.",
        REFUSE, EVENT, "The door sticks. Your parcel is safe: call support."),
    Fault(
        faults.NO_FREE_DOOR, "no_free_door",
        "No usable free compartment of that size.",
        "Try a larger size, or collect what is overdue.",
        REFUSE, ITSELF, "Choose another size, or take the parcel elsewhere."),
    Fault(
        faults.NO_SUCH_DOOR, "no_such_door",
        "The code begins with a door number that this station does not have.",
        "The code belongs to another station, or was mistyped (value: the number).",
        REFUSE, EVENT,
        "Is this the right station? Compare the name on the display."),
    Fault(
        faults.CODE_EXPIRED, "code_expired",
        "The code was right before: its window, or the person's time here, is over.",
        "Issue a new one: `lockerctl code issue`, `courier`, or `grant` for a person.",
        REFUSE, EVENT, ""),
    Fault(
        faults.CODE_EARLY, "code_early",
        "The code will be right later: it was issued for a later window, or the clock is behind.",
        "Compare the station's clock in its heartbeat with yours.",
        REFUSE, EVENT, ""),
    Fault(
        faults.CODE_REPLAYED, "code_replayed",
        "This code, or this token, was used before: each is taken once.",
        "An app shows a new code every 30 s. If nobody typed it twice, somebody watched: revoke. "
        "A return code also ends with its third start or its revocation; the value names it.",
        REFUSE, EVENT, ""),
    Fault(
        faults.CODE_REVOKED, "code_revoked",
        "The code is of a person whose access was revoked, or of day codes that were.",
        "Ask who has the device with it. To give access again: `lockerctl code staff`.",
        REFUSE, EVENT, ""),
    Fault(
        faults.CODE_OF_OTHER_DOOR, "code_of_other_door",
        "The code is right for the parcel behind another door of this station.",
        "The door's number was mistyped, or the code is tried at every door.",
        REFUSE, EVENT, ""),
    Fault(
        faults.OUTSIDE_HOURS, "outside_hours",
        "The person's code is right, but not on this day or at this hour.",
        "`lockerctl code people` shows the hours; `code grant` changes them.",
        REFUSE, EVENT, ""),
    Fault(
        faults.TWO_CODES, "two_codes",
        "One rotating code is no proof now: the clock is too unsure, or too many were wrong.",
        "Have the person type 90, the place, the code shown and the one that follows it.",
        REFUSE, ITSELF, "Type the code your app shows and the next one, as one entry."),
    Fault(
        faults.NOTHING_TO_REVOKE, "nothing_to_revoke",
        "The door is in use, or the place or the door does not exist.",
        "Shut the door first; compare the target with what `lockerctl code revoke` printed.",
        REFUSE, EVENT, "Shut the door, then type the token again."),
    Fault(
        faults.GRANT_INVALID, "grant_invalid",
        "What was granted is older than what the station knows, too long, or makes no sense.",
        "Grant it again with `lockerctl code grant`. A revoked generation never comes back.",
        REFUSE, EVENT, ""),
    Fault(
        faults.NOT_PULLED, "not_pulled",
        "The bolt moved, but nobody pulled the door while it was free.",
        "The display offers another try with the # key.",
        WARN, EVENT, "Press # and pull the door at once."),
    Fault(
        faults.NO_RELEASE, "no_release",
        "The coil was fired and the bolt contact did not move.",
        "It tries again by itself. Pressing the door gently takes the load off the bolt.",
        RETRY, EVENT, "Press the door gently: it tries again by itself."),
    Fault(
        faults.JAMMED, "jammed",
        "The bolt did not move in any of the allowed pulses.",
        "Press the door and type the code again; if it stays shut, send service.",
        ALARM, EVENT, "Press the door gently and then #, or call support."),
    Fault(
        faults.NOT_LATCHED, "not_latched",
        "The door is shut, but its bolt did not lock.",
        "Push the door until it clicks; look for an object in the frame.",
        WARN, ITSELF, "Push the door until it clicks."),
    Fault(
        faults.AJAR, "ajar",
        "A door stayed shut but unlocked for too long.",
        "Somebody has to push it shut on site. Nothing is put into it until then.",
        ALARM, ITSELF, "Push the door until it clicks."),
    Fault(
        faults.HELD_OPEN_SOON, "held_open_soon",
        "A door is open for long; the alarm is about to sound.",
        "Nothing yet. The display asks the person to close it.",
        WARN, ITSELF, "Shut the door, or press # for more time."),
    Fault(
        faults.HELD_OPEN, "held_open",
        "A door has stayed open past the limit.",
        "Somebody has to close it on site.",
        ALARM, ITSELF, "Shut the door, or press # for more time."),
    Fault(
        faults.FORCED_OPEN, "forced_open",
        "A locked door came open without a release.",
        "Look for damage, check the parcel, then clear the door with `lockerctl station clear`.",
        FAIL_CLOSED, CLEAR, "The door is out of service. Call support."),
    Fault(
        faults.FOUND_OPEN, "found_open",
        "The door was open at power-up, and no release before it explains that.",
        "Check the parcel and close the door; it then returns to service by itself.",
        INHIBIT, STEADY, "Please shut the door."),
    Fault(
        faults.CONFLICT, "conflict",
        "Reed and bolt contact contradict each other (magnet, cut wire, false latch).",
        "Check both sensors on site, then `lockerctl station clear`. `release` frees the parcel.",
        FAIL_CLOSED, CLEAR,
        "The door is out of service. Your parcel is safe: call support."),
    Fault(
        faults.SENSOR_LOST, "sensor_lost",
        "A contact of this door cannot be read.",
        "No release until the readings are steady again. Check the wiring if it stays.",
        INHIBIT, STEADY, "Try again in a minute, then call support."),
    Fault(
        faults.FLAPPING, "flapping",
        "A contact changes too often to mean anything.",
        "Loose magnet, wire or vibration. The door returns by itself when the contact is steady.",
        INHIBIT, STEADY, "Try again in a minute, then call support."),
    Fault(
        faults.WRONG_DOOR, "wrong_door",
        "One door was commanded and another one moved.",
        "Coils or sensors are swapped. All releases are stopped: check the wiring, then clear.",
        HALT, CLEAR, "The station is out of service. Call support."),
    Fault(
        faults.PULSE_OVERRUN, "pulse_overrun",
        "A coil pulse lasted longer than it was commanded to.",
        "All releases are stopped. Check the driver stage before clearing.",
        CUT_OFF, CLEAR, "The station is out of service. Call support."),
    Fault(
        faults.NOT_OPENED, "not_opened",
        "A door was released and never opened.",
        "The parcel is still inside; the code can be typed again.",
        WARN, EVENT, "Pull the door: it is still free."),
    Fault(
        faults.INHIBITED_TOO_OFTEN, "inhibited_too_often",
        "A door's sensors failed and came back more than three times in a day.",
        "Repair the sensor, then clear. `lockerctl station release` frees the parcel.",
        FAIL_CLOSED, CLEAR,
        "The door is out of service. Your parcel is safe: call support."),
    Fault(
        faults.PULSE_REFUSED, "pulse_refused",
        "The coil driver refused a pulse (coil too warm, or one still running).",
        "Try again after a minute. If it repeats, check the pulse settings of the board.",
        REFUSE, EVENT, "Try again in a minute."),
    Fault(
        faults.SERVICE_RELEASED, "service_released",
        "The door was released for service and is out of service since.",
        "Shut the door, then `lockerctl station clear`; say `empty` first if the parcel was "
        "taken out.",
        FAIL_CLOSED, CLEAR, "The door is out of service. Call support."),
    Fault(
        faults.RESET_IN_PULSE, "reset_in_pulse",
        "The station was reset between this door's authorisation and the end of its pulse.",
        "Once: power went. Again with one door: measure its coil and the supply while it fires.",
        RECORD, EVENT, ""),
    Fault(
        faults.DRIVER_WELDED, "driver_welded",
        "Current flows in a coil that nobody commanded: a driver has failed shorted.",
        "The series enable is off. Open with the override, replace the driver stage, then clear.",
        CUT_OFF, CLEAR, "The station is out of service. Call support."),
    Fault(
        faults.BOARD_INVALID, "board_invalid",
        "board.json is refused; the station stays locked.",
        "The console and the journal name the key. Correct it and deploy again.",
        LOCK, REPAIR, "The station is out of service. Call support."),
    Fault(
        faults.SETTINGS_INVALID, "settings_invalid",
        "station.json is missing or refused; the station stays locked.",
        "The console names the key. Provision the station again.",
        LOCK, REPAIR, "The station is out of service. Call support."),
    Fault(
        faults.STORAGE_UNWRITABLE, "storage_unwritable",
        "The flash cannot be written, so nothing can be recorded.",
        "No releases for people until it is repaired. Free space or replace the board.",
        HALT, ITSELF, "The station is out of service. Call support."),
    Fault(
        faults.STATE_LOST, "state_lost",
        "Both copies of a stored record are missing or damaged; journal and console name it.",
        "A door's: that door is out of service. The lockout's: recovery codes only. Keys or "
        "counters: all stays locked. Check the compartments, then provision again.",
        FAIL_CLOSED, REPAIR, "The door is out of service. Your parcel is safe: call support."),
    Fault(
        faults.DEMO_KEYS, "demo_keys",
        "The station holds keys of a demonstration; a real board refuses them.",
        "Provision the board with keys of its own.",
        LOCK, REPAIR, "The station is out of service. Call support."),
    Fault(
        faults.RTC_SILENT, "rtc_silent",
        "The clock chip does not answer; the time is carried on by the controller alone.",
        "Check I2C wiring and the clock module. Codes stay good for now.",
        SHOW, ITSELF, ""),
    Fault(
        faults.CLOCK_UNSYNCED, "clock_unsynced",
        "The time is not known (clock stopped, or below the last known time).",
        "Recovery codes still open. Replace the RTC battery and set the clock.",
        SHOW, ITSELF, "Ask support for a recovery code."),
    Fault(
        faults.NETWORK_DOWN, "network_down",
        "No network link.",
        "Pickups go on. Check the access point.",
        SHOW, ITSELF, ""),
    Fault(
        faults.BROKER_DOWN, "broker_down",
        "The link is up, but the broker does not answer.",
        "Pickups go on. Check the broker and its address in station.json.",
        SHOW, ITSELF, ""),
    Fault(
        faults.DISPLAY_SILENT, "display_silent",
        "The display does not answer on I2C.",
        "Pickups go on with lamps and beeps. Check its cable and address.",
        SHOW, ITSELF, "The keys work without the display: type the code and #."),
    Fault(
        faults.KEY_STUCK, "key_stuck",
        "A key of the keypad is held down for too long.",
        "Clean or replace the keypad.",
        SHOW, ITSELF, "A key is stuck: press it once and let go."),
    Fault(
        faults.TASK_FAILED, "task_failed",
        "A part of the firmware raised an error and was started again.",
        "Send the console log to the developers.",
        RESTART, ITSELF, "Type the code once more."),
    Fault(
        faults.TASK_FAILED_OFTEN, "task_failed_often",
        "A part of the firmware kept failing; the station restarted itself.",
        "Send the console log to the developers; deploy a sound version.",
        RESTART, REPAIR, "Wait a minute, then type the code once more."),
    Fault(
        faults.JOURNAL_DAMAGED, "journal_damaged",
        "A journal record does not check; the gap is recorded.",
        "Compare with what the host holds. Repeated damage means failing flash.",
        RECORD, EVENT, ""),
    Fault(
        faults.STATE_REPAIRED, "state_repaired",
        "One of the two copies of a stored record was damaged; the other one was used.",
        "Nothing now. If it repeats, the flash is failing: replace the board.",
        RECORD, EVENT, ""),
    Fault(
        faults.STATE_NEWER, "state_newer",
        "A stored record was written by a newer firmware; it was left as it is.",
        "The station stays locked. Deploy that newer version again.",
        LOCK, REPAIR, "The station is out of service. Call support."),
    Fault(
        faults.STATE_FOREIGN, "state_foreign",
        "A stored record belongs to another station, or station.json does.",
        "Files of two stations were mixed. Put the right ones back, or provision again.",
        LOCK, REPAIR, "The station is out of service. Call support."),
    Fault(
        faults.MEMORY_LOST, "memory_lost",
        "This station was provisioned, and its memory is gone or half gone.",
        "All stays locked. Check every compartment for parcels, then provision again.",
        LOCK, REPAIR, "The station is out of service. Call support."),
    Fault(
        faults.SAFE_MODE, "safe_mode",
        "Three starts in a row failed within a minute: the application is not started any more.",
        "Read the console over USB, deploy a sound version, then switch off and on.",
        LOCK, REPAIR, "The station is out of service. Call support."),
    Fault(
        faults.CODE_DAMAGED, "code_damaged",
        "A file of the firmware on the board's flash is not as it was built; it was not run.",
        "Deploy the firmware again: it sends what is damaged. If it repeats, the flash is "
        "failing: replace the board.",
        LOCK, REPAIR, "The station is out of service. Call support."),
    Fault(
        faults.CONTACTS_UNREAD, "contacts_unread",
        "A contact expander does not answer or has lost its settings.",
        "Its doors are inhibited, the others work. Check its supply and its bus (XSDA, XSCL).",
        INHIBIT, ITSELF, "Try again in a minute, then call support."),
    Fault(
        faults.MESSAGE_MALFORMED, "malformed",
        "A message from the network is not what it should be.",
        "Check the sender.",
        REFUSE, EVENT, ""),
    Fault(
        faults.MESSAGE_OVERSIZED, "oversized",
        "A message from the network is too long.",
        "Check the sender.",
        REFUSE, EVENT, ""),
    Fault(
        faults.MESSAGE_RETAINED, "retained",
        "A command came retained: it may be years old.",
        "Delete the retained message at the broker; send commands with `lockerctl`.",
        REFUSE, EVENT, ""),
    Fault(
        faults.COMMAND_UNKNOWN, "unknown_command",
        "The operation does not exist.",
        "Update the host tools or the firmware.",
        REFUSE, EVENT, ""),
    Fault(
        faults.COMMAND_OUT_OF_ORDER, "out_of_order",
        "The command's counter is not newer than the last one.",
        "A replay, or two hosts with one key. Send it again with `lockerctl`.",
        REFUSE, EVENT, ""),
    Fault(
        faults.COMMAND_EXPIRED, "expired",
        "The command came too late.",
        "Send it again if it is still wanted.",
        REFUSE, EVENT, ""),
    Fault(
        faults.COMMAND_FORGED, "forged",
        "The command's signature does not fit the station's key.",
        "Check which host sends it; if nobody does, treat it as an attack.",
        REFUSE, EVENT, ""),
    Fault(
        faults.COMMAND_NOT_NOW, "not_now",
        "The command does not fit the state of the door.",
        "Look at the door: a clear needs a shut and locked door, for example.",
        REFUSE, EVENT, ""),
    Fault(
        faults.CLOCK_NOT_SURE, "clock_not_sure",
        "The station's clock is not good enough to judge the command's age.",
        "Set the clock on site.",
        REFUSE, ITSELF, ""),
    Fault(
        faults.COIL_OPEN, "coil_open",
        "A pulse was fired and no current seen: the coil, its wire or the bank's fuse is open.",
        "Measure the coil and its wire; if every door does it, the fuse. Far less than its rated "
        "ohms: a short, and the protection was quicker than the first look.",
        RECORD, EVENT, ""),
    Fault(
        faults.TAMPERED, "tampered",
        "The cabinet's service hatch is open, says its supervised contact.",
        "If nobody was sent, send somebody. It ends with the hatch shut, seen on a sound wire.",
        SHOW, ITSELF, ""),
    Fault(
        faults.TAMPER_UNTOLD, "tamper_untold",
        "The wire of the hatch contact is cut, shorted or bridged; the record says which.",
        "Treat it as an open hatch until the wire is repaired; then calibrate it again.",
        SHOW, ITSELF, ""),
    Fault(
        faults.MAINS_FAILED, "mains_failed",
        "The supply says that it runs without mains.",
        "Pickups go on while the battery lasts. Ask the site about its power.",
        SHOW, ITSELF, ""),
    Fault(
        faults.MAINS_UNTOLD, "mains_untold",
        "The wire of the mains contact is cut, shorted or bridged; the record says which.",
        "A mains failure would not be seen. Repair the wire, then calibrate it again.",
        SHOW, ITSELF, ""),
    Fault(
        faults.SUPPLY_LOW, "supply_low",
        "The coils' supply is below the least voltage that board.json allows a pulse at.",
        "No pulse until it is back. Measure the supply, its fuse and its wires.",
        REFUSE, ITSELF, "Try again in a minute, then call support."),
    Fault(
        faults.SUPPLY_SAGS, "supply_sags",
        "The supply dipped further in a pulse than board.json allows; the record has the mV.",
        "One door: its coil or driver takes too much. Every door: the supply or its wires.",
        RECORD, EVENT, ""),
    Fault(
        faults.COIL_SHORT, "coil_short",
        "Current flowed and broke off in the pulse: a short has made the protection trip, or a "
        "wire is loose.",
        "One door: measure its coil (far less than its rated ohms: change it), its driver and "
        "wires, its resettable fuse. Every door: the supply.",
        RECORD, EVENT, ""),
    Fault(
        faults.CLOCK_STEPPED, "clock_stepped",
        "Trusted time differed by more than the clock could be wrong, and was taken over.",
        "Normal once, after a change of its battery; if it comes again, change the chip.",
        RECORD, EVENT, ""),
    Fault(
        faults.TIME_BELOW_FLOOR, "time_below_floor",
        "The time offered lies before one that this station has seen confirmed.",
        "Check the clock of the computer that answered.",
        REFUSE, EVENT, ""),
    Fault(
        faults.TIME_UNCONFIRMED, "time_unconfirmed",
        "The time offered is more than a day off; a second source has to say the same.",
        "Check the computer's clock, then type a time token within the hour.",
        REFUSE, EVENT, ""),
    Fault(
        faults.TIME_FORGED, "time_forged",
        "An answer with the time was not signed for this question, or came too late.",
        "If it goes on, somebody answers who has not the station's key.",
        REFUSE, EVENT, ""),
    Fault(
        faults.TOKEN_WRONG, "token_wrong",
        "A time token was not made for this station and its last challenge.",
        "Wait until 912# shows a new challenge (10 minutes), then make a token for that.",
        REFUSE, EVENT, "Ask for a new time token in 10 minutes."),
    Fault(
        faults.TOKEN_STALE, "token_stale",
        "A time token came without a challenge, for a used one, or more than 10 minutes after it.",
        "Type 912# and make a token for the challenge that is shown.",
        REFUSE, EVENT, "Type 912# for a new challenge."),
    Fault(
        faults.NEAR_MISS, "near_miss",
        "A code refused shortly before was right as the reason says: E90 or E91 (value: steps of "
        "30 s), E93, or E94 (value: the door).",
        "One alone: the person was late, or the code is an old one. Two for other times make E87.",
        RECORD, EVENT, ""),
    Fault(
        faults.CLOCK_SUSPECT, "clock_suspect",
        "Right codes of two people were refused for the same error of the clock.",
        "Compare the clock in its heartbeat with a good one, then set it: 912# at the keypad.",
        SHOW, REPAIR, ""),
    Fault(
        faults.SNTP_DISAGREES, "sntp_disagrees",
        "The SNTP server of station.json tells another time than the clock allows for.",
        "The server's answers are not signed: compare both with a good clock before you set one.",
        SHOW, ITSELF, ""),
    Fault(
        faults.OVERDUE, "overdue",
        "A parcel lies in its compartment for longer than its class and the station's grace.",
        "Remind the recipient, whose codes still open it, or take it out: `lockerctl station "
        "release`, then `empty` and `clear`.",
        RECORD, EVENT, ""),
)
# fmt: on

BY_NUMBER = {row.number: row for row in _ROWS}


def name(number: int) -> str:
    """The name of a fault number; 'none' for 0, 'e<number>' for one this version does not know."""
    if number == 0:
        return "none"
    row = BY_NUMBER.get(number)
    return row.name if row else f"e{number}"
