"""Everything the display says, in every language. Host side only: the build makes one file a
language from it (``lockerctl.texts``).

A line has 16 characters at most with the longest values filled in, a text four lines, so that one
table serves 20x4 and 16x2 displays (in two pages there). A language may use eight letters beyond
ASCII (``glyphs``). Placeholders: {d} door, {e} error number, {s} seconds, {t} text. Every text
says what happened and what to do next.
"""

from locker.core import faults, messages

# In the order of messages.LANGUAGES. Where a row is shorter the English text stands in, and a test
# names what is missing.
PHRASES: dict[int, tuple[str, ...]] = {
    messages.IDLE: (
        "Type your code\nthen press #\n* DE FR ES\n{t}",
        "Code eintippen,\ndann # drücken\n* FR ES EN\n{t}",
        "Tapez le code,\npuis la touche #\n* ES EN DE\n{t}",
        "Marque el código\ny pulse #\n* EN DE FR\n{t}",
    ),
    messages.TYPING: (
        "Code:\n{t}\n# when done\n* clears",
        "Code:\n{t}\n# wenn fertig\n* löscht",
        "Code :\n{t}\n# pour valider\n* efface",
        "Código:\n{t}\n# al terminar\n* borra",
    ),
    messages.CHECKING: ("Checking ...", "Prüfung ...", "Vérification ...", "Comprobando ..."),
    messages.SIZE: (
        "Parcel size?\n1 small 2 medium\n3 large\n* cancels",
        "Paketgröße?\n1 klein 2 mittel\n3 groß\n* bricht ab",
        "Taille du colis?\n1 petit 2 moyen\n3 grand\n* annule",
        "¿Qué tamaño?\n1 pequeño\n2 medio 3 grande\n* cancela",
    ),
    messages.OPENING: (
        "Door {d}\nopens now",
        "Fach {d}\nöffnet sich",
        "La porte {d}\ns'ouvre",
        "La puerta {d}\nse abre",
    ),
    messages.PULL: (
        "Door {d} is free\npull it open",
        "Fach {d} ist frei\nbitte aufziehen",
        "Porte {d} libre\ntirez pour\nouvrir",
        "Puerta {d} libre\ntire para abrir",
    ),
    messages.TAKE: (
        "Take your parcel\nthen shut door\n{d}\n# for more time",
        "Paket nehmen,\ndann Fach {d}\nschließen\n# mehr Zeit",
        "Prenez le colis\npuis fermez la\nporte {d}\n# plus de temps",
        "Tome el paquete\ny cierre la\npuerta {d}\n# más tiempo",
    ),
    messages.PUT: (
        "Put parcel into\ndoor {d}, then\nshut the door\n# for more time",
        "Paket in Fach {d}\nlegen, dann\nschließen\n# mehr Zeit",
        "Déposez le colis\nporte {d}, puis\nfermez-la\n# plus de temps",
        "Ponga el paquete\nen la {d} y\ncierre la puerta\n# más tiempo",
    ),
    messages.PUSH: (
        "Push door {d}\nuntil it clicks",
        "Tür {d} andrücken\nbis sie klickt",
        "Poussez la porte\n{d} jusqu'au clic",
        "Empuje la puerta\n{d} hasta el clic",
    ),
    messages.CONFIRM: (
        "Parcel inside?\n1 yes   3 cancel\n2 wrong size\nthen # {t}",
        "Paket im Fach?\n1 ja   3 Abbruch\n2 falsche Größe\ndann # {t}",
        "Colis dedans ?\n1 oui  3 annuler\n2 autre taille\npuis # {t}",
        "¿Paquete dentro?\n1 sí  3 cancelar\n2 otro tamaño\nluego # {t}",
    ),
    messages.EMPTY: (
        "Door {d} empty?\nIf so, type\n{d:02d}#  {t}\n* goes back",
        "Fach {d} leer?\nWenn ja, bitte\n{d:02d}#  {t}\n* zurück",
        "Porte {d} vide ?\nSi oui, tapez\n{d:02d}#  {t}\n* retour",
        "¿Puerta {d} sin\nnada? Marque\n{d:02d}#  {t}\n* vuelve",
    ),
    messages.RECEIPT: (
        "Parcel stored\nReceipt\n{t}\n# when noted",
        "Paket ist drin\nBeleg\n{t}\n# wenn notiert",
        "Colis déposé\nReçu\n{t}\n# si noté",
        "Paquete guardado\nRecibo\n{t}\n# al anotarlo",
    ),
    messages.RETURNED: (
        "Return received\nReceipt\n{t}\n# when noted",
        "Rückgabe ist da\nBeleg\n{t}\n# wenn notiert",
        "Retour reçu\nReçu no\n{t}\n# si noté",
        "Devolución hecha\nRecibo\n{t}\n# al anotarlo",
    ),
    messages.CODE_STAYS: (
        "Nothing stored\nYour code still\nworks. Goodbye",
        "Nichts eingelegt\nIhr Code gilt\nnoch. Auf\nWiedersehen",
        "Rien n'est\ndéposé. Le code\nreste valable\nAu revoir",
        "Nada guardado\nSu código aún\nvale. Hasta\nluego",
    ),
    messages.THANKS: (
        "Thank you\nDoor {d} is shut\n{d:02d}# opens again\n* or a code ends",
        "Danke. Fach {d}\nist zu.\n{d:02d}# öffnet neu\n* beendet es",
        "Merci. Porte {d}\nest fermée\n{d:02d}# la rouvre\n* termine",
        "Gracias. Puerta\n{d} cerrada\n{d:02d}# la reabre\n* termina",
    ),
    messages.NO_CHANGE: (
        "Nothing stored\nGoodbye",
        "Nichts eingelegt\nAuf Wiedersehen",
        "Rien n'est\ndéposé\nAu revoir",
        "Nada guardado\nHasta luego",
    ),
    messages.AGAIN: (
        "Door {d} locked\nagain. Press #\nto release it",
        "Fach {d} ist\nwieder zu.\n# gibt es frei",
        "Porte {d} de\nnouveau fermée\n# la libère",
        "Puerta {d}\ncerrada otra vez\n# la libera",
    ),
    messages.RETRYING: (
        "Press door {d}\ngently. It tries\nagain now",
        "Tür {d} leicht\nandrücken: neuer\nVersuch läuft",
        "Appuyez un peu\nsur la porte {d}\nnouvel essai",
        "Empuje un poco\nla puerta {d}:\notro intento",
    ),
    messages.STUCK: (
        "Door {d} is stuck\nE{e} Press it and\n# to try again\n? for help",
        "Fach {d} klemmt\nE{e} andrücken,\n# neuer Versuch\n? Hilfe",
        "Porte {d} bloquée\nE{e} appuyez et\n# nouvel essai\n? aide",
        "Puerta atascada\n{d} E{e} empújela\n# otro intento\n? ayuda",
    ),
    messages.REFUSED: (
        "Not accepted E{e}\nCheck the code\nor ask support\n{t}",
        "Abgelehnt    E{e}\nCode prüfen oder\nHilfe rufen\n{t}",
        "Refusé       E{e}\nVérifiez le code\nou l'assistance\n{t}",
        "No aceptado  E{e}\nRevise el código\no pida ayuda\n{t}",
    ),
    messages.REFUSED_DOOR: (
        "Door {d} is out\nof service E{e}\nCall support\n{t}",
        "Fach {d} außer\nBetrieb      E{e}\nHilfe rufen\n{t}",
        "Porte {d} hors\nservice      E{e}\nAppelez l'aide\n{t}",
        "Puerta {d} fuera\nde servicio E{e}\nLlame a soporte\n{t}",
    ),
    messages.WAIT: (
        "Please wait {s} s\nE{e} then type it\nagain. Recovery\ncode works too",
        "Noch {s} s warten\nE{e} Dann neu\ntippen, auch der\nErsatzcode geht",
        "Attendez {s} s\nE{e} puis retapez\nCode de secours\naccepté aussi",
        "Espere {s} s\nE{e} y repita.\nSirve también el\nde rescate",
    ),
    messages.TYPO: (
        "Mistyped?    E{e}\nPlease type the\ncode once more",
        "Vertippt?    E{e}\nBitte den Code\nneu eintippen",
        "Faute de frappe?\nE{e} Retapez\nle code",
        "¿Un error?   E{e}\nMarque el código\notra vez",
    ),
    messages.FULL: (
        "No free door\nof that size E{e}\nTry another size\n1 2 3, * cancels",
        "Kein Fach dieser\nGröße frei   E{e}\nAndere Größe:\n1 2 3, * Abbruch",
        "Cette taille est\ncomplète     E{e}\nAutre taille:\n1 2 3, * annule",
        "Sin puerta de\nese tamaño   E{e}\nElija otro:\n1 2 3, * cancela",
    ),
    messages.SUPPORT_CODE: (
        "Ask support for\na recovery code\nE{e}\n{t}",
        "Bitte bei Hilfe\nErsatzcode\nerfragen     E{e}\n{t}",
        "Demandez un code\nde secours   E{e}\nà l'aide\n{t}",
        "Pida a soporte\nun código de\nrescate      E{e}\n{t}",
    ),
    messages.STILL_THERE: (
        "Still there?\nPress a key to\ngo on",
        "Noch da? Bitte\neine Taste\ndrücken",
        "Toujours là ?\nAppuyez sur une\ntouche",
        "¿Sigue ahí?\nPulse una tecla",
    ),
    messages.OUT_OF_ORDER: (
        "Out of order E{e}\nPlease contact\nsupport\n{t}",
        "Außer Betrieb\nE{e} Bitte Hilfe\nrufen\n{t}",
        "Hors service E{e}\nAppelez\nl'aide\n{t}",
        "Fuera de\nservicio     E{e}\nLlame a soporte\n{t}",
    ),
    messages.CLOSE_SOON: (
        "Please shut\ndoor {d} now\n# for more time",
        "Bitte Fach {d}\njetzt schließen\n# mehr Zeit",
        "Fermez la porte\n{d} maintenant\n# plus de temps",
        "Cierre la puerta\n{d} ahora\n# más tiempo",
    ),
    messages.STARTING: ("Starting ...", "Startet ...", "Démarrage ...", "Iniciando ..."),
    messages.NOT_READY: (
        "Door {d} is not\nready        E{e}\nTry in a minute,\nor call support",
        "Fach {d} ist noch\nnicht bereit E{e}\nIn einer Minute\nnoch einmal",
        "Porte {d} pas\nencore libre E{e}\nRéessayez dans\nune minute",
        "Puerta {d} no\nlista        E{e}\nEspere un minuto\no pida ayuda",
    ),
    messages.STICKS: (
        "Door sticks  E{e}\nYour parcel is\nsafe. Support\n{t}",
        "Fach klemmt  E{e}\nIhr Paket ist\nsicher. Hilfe\n{t}",
        "Porte bloquée\nE{e} Colis\nprotégé. Aide\n{t}",
        "Puerta atascada\nE{e} Su paquete\nestá a salvo\n{t}",
    ),
    messages.FAILED: (
        "That failed  E{e}\nPlease type the\ncode once more",
        "Fehler       E{e}\nBitte den Code\nneu eintippen",
        "Erreur       E{e}\nRetapez le code",
        "Error        E{e}\nMarque el código\notra vez",
    ),
    messages.ALL_FULL: (
        "All doors are\ntaken        E{e}\nCome back later\nor ask support",
        "Alle Fächer sind\nbelegt       E{e}\nSpäter wieder\noder Hilfe rufen",
        "Tout est occupé\nE{e}\nRevenez plus\ntard",
        "Todo ocupado E{e}\nVuelva más tarde\no pida ayuda",
    ),
    messages.HELP: (
        "Code from your\nmessage, then #\nCall support\n{t}",
        "Code aus Ihrer\nNachricht und #\nHilfe rufen\n{t}",
        "Code du message\npuis #\nAppelez l'aide\n{t}",
        "Código de su\nmensaje, luego #\nLlame a soporte\n{t}",
    ),
    messages.HELP_CODE: (
        "E{e}: code or the\ndoor is wrong\nCall support\n{t}",
        "E{e}: Code oder\nFach falsch\nHilfe rufen\n{t}",
        "E{e}: code ou\nporte incorrects\nAppelez l'aide\n{t}",
        "E{e}: código o\npuerta erróneos\nLlame a soporte\n{t}",
    ),
    messages.HELP_DOOR: (
        "E{e}: this door\nneeds service\nCall support\n{t}",
        "E{e}: Fach\nbraucht Wartung\nHilfe rufen\n{t}",
        "E{e}: une porte\nest à réparer\nAppelez l'aide\n{t}",
        "E{e}: una puerta\nnecesita técnico\nLlame a soporte\n{t}",
    ),
    messages.HELP_STATION: (
        "E{e}: the station\nneeds service\nCall support\n{t}",
        "E{e}: Station\nbraucht Wartung\nHilfe rufen\n{t}",
        "E{e}: la station\nest à réparer\nAppelez l'aide\n{t}",
        "E{e}: la máquina\nnecesita técnico\nLlame a soporte\n{t}",
    ),
    messages.HELP_NETWORK: (
        "E{e}: no network.\nCodes still work\nCall support\n{t}",
        "E{e}: kein Netz.\nCodes gelten\nHilfe rufen\n{t}",
        "E{e}: sans réseau\nCodes acceptés\nAppelez l'aide\n{t}",
        "E{e}: sin red\nCódigos válidos\nLlame a soporte\n{t}",
    ),
    messages.HELP_CLOCK: (
        "E{e}: time unsure\nRecovery codes\nwork. Support\n{t}",
        "E{e}: Uhr unklar\nErsatzcode geht\nHilfe rufen\n{t}",
        "E{e}: heure\nincertaine. Code\nde secours. Aide\n{t}",
        "E{e}: hora dudosa\nSirve código de\nrescate. Soporte\n{t}",
    ),
    messages.CHALLENGE: (
        "Time token for\n{t}\nthen type it and\npress #",
        "Zeitmarke für\n{t}\neintippen, dann\n# drücken",
        "Jeton pour\n{t}\ntapez-le, puis #",
        "Clave de hora\n{t}\ntecléela y luego\npulse #",
    ),
    messages.CLOCK_SET: (
        "Clock is set\n{t} UTC\nwithin {s} s",
        "Uhr ist gestellt\n{t} UTC\nauf {s} s genau",
        "Horloge réglée\n{t} UTC\nà {s} s près",
        "Hora ajustada\n{t} UTC\nerror {s} s",
    ),
    messages.TWO_CODES: (
        "Two codes in a\nrow, please:\nthis one and\nthe next    E{e}",
        "Bitte zwei Codes\nnacheinander:\ndiesen und den\nnächsten    E{e}",
        "Deux codes de\nsuite : celui-ci\npuis le suivant\n            E{e}",
        "Dos códigos\nseguidos: este y\nel siguiente\n            E{e}",
    ),
    messages.SERVICE: (
        "Service\nDoor number: {t}\n# when done\n* ends",
        "Service\nFachnummer: {t}\n# wenn fertig\n* beendet",
        "Service\nPorte no : {t}\n# pour valider\n* termine",
        "Servicio\nPuerta n.: {t}\n# al terminar\n* termina",
    ),
    messages.SERVICE_DOOR: (
        "Door {d} {t}\n1 open  2 empty\n3 block 4 allow\n5 clear 6 codes",
        "Fach {d} {t}\n1 öffnen 2 leer\n3 sperr 4 freig\n5 klar 6 Codes",
        "P. {d} {t}\n1 ouvrir 2 vider\n3 bloq 4 libre\n5 lever 6 codes",
        "P. {d} {t}\n1 abre 2 vacía\n3 bloq 4 libera\n5 borra 6 códig",
    ),
    messages.SERVICE_WHY: (
        "1 sensor 2 jam\n3 overdue\n4 damage 6 other\n5 emergency",
        "1 Sensor 2 Stau\n3 überfällig\n4 Schaden\n5 Not 6 anderes",
        "1 capteur 2 bloc\n3 en retard\n4 casse 6 autre\n5 urgence",
        "1 sensor 2 traba\n3 vencido\n4 daño 6 otro\n5 emergencia",
    ),
    messages.SERVICE_DONE: (
        "Door {d}: done\n{t}\n# next door\n* ends",
        "Fach {d}: fertig\n{t}\n# nächstes Fach\n* beendet",
        "Porte {d}: fait\n{t}\n# autre porte\n* termine",
        "Puerta {d}: hecho\n{t}\n# otra puerta\n* termina",
    ),
    messages.SERVICE_NO: (
        "Door {d}: not now\nE{e}\n# next door\n* ends",
        "Fach {d}: geht\njetzt nicht E{e}\n# nächstes Fach\n* beendet",
        "Porte {d}: pas\nmaintenant E{e}\n# autre porte\n* termine",
        "Puerta {d}: ahora\nno E{e}\n# otra puerta\n* termina",
    ),
    messages.REVOKED: (
        "Old codes ended\n{t}\nGoodbye",
        "Alte Codes enden\n{t}\nAuf Wiedersehen",
        "Codes annulés\n{t}\nAu revoir",
        "Códigos anulados\n{t}\nAdiós",
    ),
}

# What a refusal says by its fault. The others: the code is wrong, or its door out of service.
_REFUSALS = {
    faults.TYPO: messages.TYPO,
    faults.CODE_LOCKED: messages.SUPPORT_CODE,
    faults.CLOCK_LOST: messages.SUPPORT_CODE,
    faults.CLAIM_USED_UP: messages.STICKS,
    faults.STORAGE_UNWRITABLE: messages.OUT_OF_ORDER,
    faults.TASK_FAILED: messages.FAILED,
    faults.TWO_CODES: messages.TWO_CODES,
}
# Faults of a door that may be over in a minute.
_PASSING = (
    faults.SENSOR_LOST,
    faults.FLAPPING,
    faults.PULSE_REFUSED,
    faults.CONTACTS_UNREAD,
    faults.SUPPLY_LOW,
)
# Faults about which the refusal itself says all there is to say.
_TOLD = (faults.WAIT, faults.CODE_LOCKED, faults.CLAIM_USED_UP, faults.NO_FREE_DOOR)
_NETWORK = (faults.NETWORK_DOWN, faults.BROKER_DOWN)
_CLOCK = (faults.CLOCK_LOST, faults.RTC_SILENT, faults.CLOCK_UNSYNCED)


def variant(message: int, fault: int) -> int:
    """The message that a station shows in the place of REFUSED, REFUSED_DOOR or HELP."""
    if message == messages.HELP:
        return _help_about(fault)
    if message == messages.REFUSED_DOOR and fault in _PASSING:
        return messages.NOT_READY
    return _REFUSALS.get(fault, message)


def _help_about(fault: int) -> int:
    """What the number on the display is about. 0: there is none."""
    if not fault or fault in _TOLD:
        return messages.HELP
    if fault in _NETWORK:
        return messages.HELP_NETWORK
    if fault in _CLOCK or faults.CLOCK_STEPPED <= fault <= faults.SNTP_DISAGREES:
        return messages.HELP_CLOCK
    if fault <= faults.NO_SUCH_DOOR or faults.CODE_EXPIRED <= fault <= faults.GRANT_INVALID:
        return messages.HELP_CODE
    is_door = fault <= faults.DRIVER_WELDED or fault == faults.CONTACTS_UNREAD
    return messages.HELP_DOOR if is_door else messages.HELP_STATION
