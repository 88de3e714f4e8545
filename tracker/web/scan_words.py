"""Words for what was scanned: kinds of code, symbologies, keyboards, practice codes, faults of a reading rule."""

from flask_babel import lazy_gettext as _l

CODES = {
    "serial": _l("serial number"),
    "device_tag": _l("our device tag"),
    "pupil_slip": _l("pupil’s slip"),
    "agreement_page": _l("page of a loan agreement"),
    "stocktake": _l("record of a stocktake"),
    "batch": _l("slip of a batch for a partner"),
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

CHECKS = {
    "none": _l("none"),
    "luhn": _l("Luhn (IMEI, ICCID)"),
    "ean": _l("GS1 (EAN, SSCC)"),
    "own": _l("our own codes"),
    "mac": _l("form of a MAC"),
    "dell_express": _l("Dell express code"),
}

LABEL_RULES = {
    "Wi-Fi network or key": _l("Wi-Fi network or key"),
    "Network name of a hotspot": _l("Network name of a hotspot"),
    "Our device tag": _l("Our device tag"),
    "Pupil slip": _l("Pupil slip"),
    "Agreement page": _l("Agreement page"),
    "Record of a stocktake": _l("Record of a stocktake"),
    "Batch slip": _l("Batch slip"),
    "Article (EAN, UPC)": _l("Article (EAN, UPC)"),
    "GS1 (00) parcel": _l("GS1 (00) parcel"),
    "GS1 (8002) IMEI": _l("GS1 (8002) IMEI"),
    "GS1 (01) (21) serial": _l("GS1 (01) (21) serial"),
    "GS1 (01) article": _l("GS1 (01) article"),
    "23S MAC": _l("23S MAC"),
    "43S ICCID": _l("43S ICCID"),
    "Part (11S, 8S)": _l("Part (11S, 8S)"),
    "Lenovo 1S machine and serial": _l("Lenovo 1S machine and serial"),
    "Lenovo 1S, seven-character machine": _l("Lenovo 1S, seven-character machine"),
    "1P article": _l("1P article"),
    "Quantity (Q)": _l("Quantity (Q)"),
    "IMEI": _l("IMEI"),
    "IMEI with software version": _l("IMEI with software version"),
    "SIM card, France": _l("SIM card, France"),
    "SIM card": _l("SIM card"),
    "MAC": _l("MAC"),
    "HP serial": _l("HP serial"),
    "HP product": _l("HP product"),
    "Lenovo machine type-model": _l("Lenovo machine type-model"),
    "Lenovo serial": _l("Lenovo serial"),
    "Lenovo serial, older": _l("Lenovo serial, older"),
    "Dell service tag": _l("Dell service tag"),
    "Dell express service code": _l("Dell express service code"),
    "Acer serial": _l("Acer serial"),
    "Article typed or sent by a scanner (EAN-13)": _l("Article typed or sent by a scanner (EAN-13)"),
    "Acer SNID": _l("Acer SNID"),
    "ASUS serial": _l("ASUS serial"),
}
"""The rules that the program comes with; an edited rule bears the name that a person gave it."""


def check_words(name: str) -> str:
    """A check digit in words; one that no version of the program knows stands as it was written."""
    return str(CHECKS.get(name or "none", name))


def rule_words(name: str) -> str:
    """The name of a rule of label reading, in the person's language where it is one of the program's."""
    return str(LABEL_RULES.get(name, name))
