"""fr: written by python -m tools.texts from phrases.py."""

# fmt: off
GLYPHS = (
    b"\x08\x04\x0e\x01\x0f\x11\x0f\x00"  # à
    b"\x00\x00\x0e\x10\x10\x11\x0e\x04"  # ç
    b"\x08\x04\x0e\x11\x1f\x10\x0e\x00"  # è
    b"\x02\x04\x0e\x11\x1f\x10\x0e\x00"  # é
)
TEXTS = (
    b"Tapez le code,\npuis la touche #\n* ES EN DE\n{t}\x1e"
    b"Code :\n{t}\n# pour valider\n* efface\x1e"
    b"V\x03rification ...\x1e"
    b"Taille du colis?\n1 petit 2 moyen\n3 grand\n* annule\x1e"
    b"La porte {d}\ns'ouvre\x1e"
    b"Porte {d} libre\ntirez pour\nouvrir\x1e"
    b"Prenez le colis\npuis fermez la\nporte {d}\n# plus de temps\x1e"
    b"D\x03posez le colis\nporte {d}, puis\nfermez-la\n# plus de temps\x1e"
    b"Poussez la porte\n{d} jusqu'au clic\x1e"
    b"Colis dedans ?\n1 oui  3 annuler\n2 autre taille\npuis # {t}\x1e"
    b"Colis d\x03pos\x03\nRe\x01u\n{t}\n# si not\x03\x1e"
    b"Merci. Porte {d}\nest ferm\x03e\n# la rouvre\n* termine\x1e"
    b"Rien n'est\nd\x03pos\x03\nAu revoir\x1e"
    b"Porte {d} de\nnouveau ferm\x03e\n# la lib\x02re\x1e"
    b"Appuyez un peu\nsur la porte {d}\nnouvel essai\x1e"
    b"Porte {d} bloqu\x03e\nE{e} appuyez et\n# nouvel essai\n? aide\x1e"
    b"Refus\x03       E{e}\nV\x03rifiez le code\nou l'assistance\n{t}\x1e"
    b"Porte {d} hors\nservice      E{e}\nAppelez l'aide\n{t}\x1e"
    b"Attendez {s} s\nE{e} puis retapez\nCode de secours\naccept\x03 aussi\x1e"
    b"Faute de frappe?\nE{e} Retapez\nle code\x1e"
    b"Cette taille est\ncompl\x02te     E{e}\nAutre taille:\n1 2 3, * annule\x1e"
    b"Demandez un code\nde secours   E{e}\n\x00 l'aide\n{t}\x1e"
    b"Toujours l\x00 ?\nAppuyez sur une\ntouche\x1e"
    b"Hors service E{e}\nAppelez\nl'aide\n{t}\x1e"
    b"Fermez la porte\n{d} maintenant\n# plus de temps\x1e"
    b"D\x03marrage ...\x1e"
    b"Porte {d} pas\nencore libre E{e}\nR\x03essayez dans\nune minute\x1e"
    b"Porte bloqu\x03e\nE{e} Colis\nprot\x03g\x03. Aide\n{t}\x1e"
    b"Erreur       E{e}\nRetapez le code\x1e"
    b"Tout est occup\x03\nE{e}\nRevenez plus\ntard\x1e"
    b"Code du message\npuis #\nAppelez l'aide\n{t}\x1e"
    b"E{e}: code ou\nporte incorrects\nAppelez l'aide\n{t}\x1e"
    b"E{e}: une porte\nest \x00 r\x03parer\nAppelez l'aide\n{t}\x1e"
    b"E{e}: la station\nest \x00 r\x03parer\nAppelez l'aide\n{t}\x1e"
    b"E{e}: sans r\x03seau\nCodes accept\x03s\nAppelez l'aide\n{t}\x1e"
    b"E{e}: heure\nincertaine. Code\nde secours. Aide\n{t}\x1e"
    b"Jeton pour\n{t}\ntapez-le, puis #\x1e"
    b"Horloge r\x03gl\x03e\n{t} UTC\n\x00 {s} s pr\x02s\x1e"
)
