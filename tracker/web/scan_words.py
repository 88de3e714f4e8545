"""Words for what was scanned: kinds of code, symbologies, keyboards, practice codes, faults of a reading rule."""

from flask_babel import lazy_gettext as _l

CODES = {
    "serial": _l("serial number"),
    "device_tag": _l("our device tag"),
    "pupil_slip": _l("pupil’s slip"),
    "agreement_page": _l("page of a loan agreement"),
    "parcel": _l("parcel (SSCC)"),
    "imei": _l("IMEI of a hotspot"),
    "imeisv": _l("IMEI with software version"),
    "iccid": _l("SIM card (ICCID)"),
    "mac": _l("network address (MAC)"),
    "article": _l("article number (EAN, UPC)"),
    "part": _l("spare part"),
    "product": _l("product number"),
    "service_code": _l("service code"),
    "wifi": _l("Wi-Fi name or key, not kept"),
    "unknown": _l("not known"),
}

SYMBOLOGIES = {
    "code_128": _l("Code 128"),
    "code_39": _l("Code 39"),
    "qr": _l("QR code"),
    "data_matrix": _l("Data Matrix"),
    "ean_13": _l("EAN-13"),
    "ean_8": _l("EAN-8"),
    "upc_a": _l("UPC-A"),
}

RULE_FAULTS = {
    "empty": _l("Write something here."),
    "unknown": _l("This is not one of the choices."),
    "long": _l("500 characters at most."),
    "syntax": _l("This is no regular expression: look at the brackets."),
    "value": _l("Mark what is kept with (?P<value>…)."),
    "repeats": _l("Repeats within repeats could run for ever: give each a length, as in {1,20}."),
}

PRACTICE = {
    "done": _l("Handed over"),
    "already": _l("Already handed over"),
    "agreement_missing": _l("Refused, rule A4: agreement not validated"),
    "second_year": _l("Refused, rule E2: level"),
    "device_allocated": _l("Refused, rule D4: set aside for another pupil"),
    "device_lent": _l("Refused, rule E4: device lent"),
    "pupil_has_laptop": _l("Refused, rule E4: pupil has a laptop"),
    "device_other_school": _l("Refused: device of another school"),
    "device_lost": _l("Alarm, rule R4: lost"),
    "device_stolen": _l("Alarm, rule R4: stolen"),
    "saw_article": _l("Refused: article number"),
    "device_unknown": _l("Refused: unknown device"),
}

SCANNED = {"device": _l("device"), "pupil": _l("pupil"), "article": _l("article")}

LAYOUTS = {
    "as_typed": _l("as received"),
    "caps_lock": _l("Caps Lock was on"),
    "azerty_digits": _l("digits row of a French keyboard repaired"),
    "azerty": _l("French keyboard repaired"),
    "azerty_mac": _l("French Mac keyboard repaired"),
    "azerty_caps_lock": _l("French keyboard with Caps Lock repaired"),
    "qwerty": _l("French scanner on an English keyboard repaired"),
    "separator": _l("separator repaired"),
}
