"""es: written by python -m tools.texts from phrases.py."""

# fmt: off
GLYPHS = (
    b"\x04\x00\x04\x08\x10\x11\x0e\x00"  # ¿
    b"\x02\x04\x0e\x01\x0f\x11\x0f\x00"  # á
    b"\x02\x04\x0e\x11\x1f\x10\x0e\x00"  # é
    b"\x02\x04\x00\x0c\x04\x04\x0e\x00"  # í
    b"\r\x16\x00\x16\x19\x11\x11\x00"  # ñ
    b"\x02\x04\x0e\x11\x11\x11\x0e\x00"  # ó
    b"\x02\x04\x11\x11\x11\x13\r\x00"  # ú
)
TEXTS = (
    b"Marque el c\x05digo\ny pulse #\n* EN DE FR\n{t}\x1e"
    b"C\x05digo:\n{t}\n# al terminar\n* borra\x1e"
    b"Comprobando ...\x1e"
    b"\x00Qu\x02 tama\x04o?\n1 peque\x04o\n2 medio 3 grande\n* cancela\x1e"
    b"La puerta {d}\nse abre\x1e"
    b"Puerta {d} libre\ntire para abrir\x1e"
    b"Tome el paquete\ny cierre la\npuerta {d}\n# m\x01s tiempo\x1e"
    b"Ponga el paquete\nen la {d} y\ncierre la puerta\n# m\x01s tiempo\x1e"
    b"Empuje la puerta\n{d} hasta el clic\x1e"
    b"\x00Paquete dentro?\n1 s\x03  3 cancelar\n2 otro tama\x04o\nluego # {t}\x1e"
    b"Paquete guardado\nRecibo\n{t}\n# al anotarlo\x1e"
    b"Gracias. Puerta\n{d} cerrada\n# abre otra vez\n* termina\x1e"
    b"Nada guardado\nHasta luego\x1e"
    b"Puerta {d}\ncerrada otra vez\n# la libera\x1e"
    b"Empuje un poco\nla puerta {d}:\notro intento\x1e"
    b"Puerta atascada\n{d} E{e} emp\x06jela\n# otro intento\n? ayuda\x1e"
    b"No aceptado  E{e}\nRevise el c\x05digo\no pida ayuda\n{t}\x1e"
    b"Puerta {d} fuera\nde servicio E{e}\nLlame a soporte\n{t}\x1e"
    b"Espere {s} s\nE{e} y repita.\nSirve tambi\x02n el\nde rescate\x1e"
    b"\x00Un error?   E{e}\nMarque el c\x05digo\notra vez\x1e"
    b"Sin puerta de\nese tama\x04o   E{e}\nElija otro:\n1 2 3, * cancela\x1e"
    b"Pida a soporte\nun c\x05digo de\nrescate      E{e}\n{t}\x1e"
    b"\x00Sigue ah\x03?\nPulse una tecla\x1e"
    b"Fuera de\nservicio     E{e}\nLlame a soporte\n{t}\x1e"
    b"Cierre la puerta\n{d} ahora\n# m\x01s tiempo\x1e"
    b"Iniciando ...\x1e"
    b"Puerta {d} no\nlista        E{e}\nEspere un minuto\no pida ayuda\x1e"
    b"Puerta atascada\nE{e} Su paquete\nest\x01 a salvo\n{t}\x1e"
    b"Error        E{e}\nMarque el c\x05digo\notra vez\x1e"
    b"Todo ocupado E{e}\nVuelva m\x01s tarde\no pida ayuda\x1e"
    b"C\x05digo de su\nmensaje, luego #\nLlame a soporte\n{t}\x1e"
    b"E{e}: c\x05digo o\npuerta err\x05neos\nLlame a soporte\n{t}\x1e"
    b"E{e}: una puerta\nnecesita t\x02cnico\nLlame a soporte\n{t}\x1e"
    b"E{e}: la m\x01quina\nnecesita t\x02cnico\nLlame a soporte\n{t}\x1e"
    b"E{e}: sin red\nC\x05digos v\x01lidos\nLlame a soporte\n{t}\x1e"
    b"E{e}: hora dudosa\nSirve c\x05digo de\nrescate. Soporte\n{t}\x1e"
    b"Clave de hora\n{t}\ntecl\x02ela y luego\npulse #\x1e"
    b"Hora ajustada\n{t} UTC\nerror {s} s\x1e"
    b"Dos c\x05digos\nseguidos: este y\nel siguiente\n            E{e}\x1e"
    b"Servicio\nPuerta n.: {t}\n# al terminar\n* termina\x1e"
    b"P. {d} {t}\n1 abre 2 vac\x03a\n3 bloq 4 libera\n5 borra 6 c\x05dig\x1e"
    b"1 sensor 2 traba\n3 vencido\n4 da\x04o 6 otro\n5 emergencia\x1e"
    b"Puerta {d}: hecho\n{t}\n# otra puerta\n* termina\x1e"
    b"Puerta {d}: ahora\nno E{e}\n# otra puerta\n* termina\x1e"
    b"C\x05digos anulados\n{t}\nAdi\x05s\x1e"
)
