"""de: written by python -m tools.texts from phrases.py."""

# fmt: off
GLYPHS = (
    b"\x0c\x12\x12\x16\x11\x11\x16\x00"  # ß
    b"\n\x00\x0e\x01\x0f\x11\x0f\x00"  # ä
    b"\n\x00\x0e\x11\x11\x11\x0e\x00"  # ö
    b"\n\x00\x11\x11\x11\x13\r\x00"  # ü
)
TEXTS = (
    b"Code eintippen,\ndann # dr\x03cken\n* FR ES EN\n{t}\x1e"
    b"Code:\n{t}\n# wenn fertig\n* l\x02scht\x1e"
    b"Pr\x03fung ...\x1e"
    b"Paketgr\x02\x00e?\n1 klein 2 mittel\n3 gro\x00\n* bricht ab\x1e"
    b"Fach {d}\n\x02ffnet sich\x1e"
    b"Fach {d} ist frei\nbitte aufziehen\x1e"
    b"Paket nehmen,\ndann Fach {d}\nschlie\x00en\n# mehr Zeit\x1e"
    b"Paket in Fach {d}\nlegen, dann\nschlie\x00en\n# mehr Zeit\x1e"
    b"T\x03r {d} andr\x03cken\nbis sie klickt\x1e"
    b"Paket im Fach?\n1 ja   3 Abbruch\n2 falsche Gr\x02\x00e\ndann # {t}\x1e"
    b"Paket ist drin\nBeleg\n{t}\n# wenn notiert\x1e"
    b"Danke. Fach {d}\nist zu.\n# \x02ffnet es neu\n* beendet es\x1e"
    b"Nichts eingelegt\nAuf Wiedersehen\x1e"
    b"Fach {d} ist\nwieder zu.\n# gibt es frei\x1e"
    b"T\x03r {d} leicht\nandr\x03cken: neuer\nVersuch l\x01uft\x1e"
    b"Fach {d} klemmt\nE{e} andr\x03cken,\n# neuer Versuch\n? Hilfe\x1e"
    b"Abgelehnt    E{e}\nCode pr\x03fen oder\nHilfe rufen\n{t}\x1e"
    b"Fach {d} au\x00er\nBetrieb      E{e}\nHilfe rufen\n{t}\x1e"
    b"Noch {s} s warten\nE{e} Dann neu\ntippen, auch der\nErsatzcode geht\x1e"
    b"Vertippt?    E{e}\nBitte den Code\nneu eintippen\x1e"
    b"Kein Fach dieser\nGr\x02\x00e frei   E{e}\nAndere Gr\x02\x00e:\n1 2 3, * Abbruch\x1e"
    b"Bitte bei Hilfe\nErsatzcode\nerfragen     E{e}\n{t}\x1e"
    b"Noch da? Bitte\neine Taste\ndr\x03cken\x1e"
    b"Au\x00er Betrieb\nE{e} Bitte Hilfe\nrufen\n{t}\x1e"
    b"Bitte Fach {d}\njetzt schlie\x00en\n# mehr Zeit\x1e"
    b"Startet ...\x1e"
    b"Fach {d} ist noch\nnicht bereit E{e}\nIn einer Minute\nnoch einmal\x1e"
    b"Fach klemmt  E{e}\nIhr Paket ist\nsicher. Hilfe\n{t}\x1e"
    b"Fehler       E{e}\nBitte den Code\nneu eintippen\x1e"
    b"Alle F\x01cher sind\nbelegt       E{e}\nSp\x01ter wieder\noder Hilfe rufen\x1e"
    b"Code aus Ihrer\nNachricht und #\nHilfe rufen\n{t}\x1e"
    b"E{e}: Code oder\nFach falsch\nHilfe rufen\n{t}\x1e"
    b"E{e}: Fach\nbraucht Wartung\nHilfe rufen\n{t}\x1e"
    b"E{e}: Station\nbraucht Wartung\nHilfe rufen\n{t}\x1e"
    b"E{e}: kein Netz.\nCodes gelten\nHilfe rufen\n{t}\x1e"
    b"E{e}: Uhr unklar\nErsatzcode geht\nHilfe rufen\n{t}\x1e"
    b"Zeitmarke f\x03r\n{t}\neintippen, dann\n# dr\x03cken\x1e"
    b"Uhr ist gestellt\n{t} UTC\nauf {s} s genau\x1e"
)
