#!/usr/bin/env python3
"""Makes the dialect files of this folder, with certificates of its own (python3-cryptography).

roots.tsv says what a reader must find: SHA-256, label, statements. Run it in this folder; all files
change, for the keys are new each time.
"""
import datetime
import hashlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID


def certificate(name, year_from, year_to, serial, key=None):
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([
        x509.NameAttribute(NameOID.COUNTRY_NAME, "XX"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Imprimatur Tests"),
        x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject)
               .public_key(key.public_key()).serial_number(serial)
               .not_valid_before(datetime.datetime(year_from, 1, 1))
               .not_valid_after(datetime.datetime(year_to, 1, 1))
               .add_extension(x509.BasicConstraints(True, None), True)
               .add_extension(x509.KeyUsage(False, False, False, False, False, True, True, False,
                                            False), True))
    return builder.sign(key, hashes.SHA256())


def octal(data):
    lines = []
    for at in range(0, len(data), 16):
        lines.append("".join("\\%03o" % byte for byte in data[at:at + 16]))
    return "\n".join(lines) + "\nEND\n"


def integer(number):
    body = number.to_bytes(number.bit_length() // 8 + 1, "big")
    return bytes([2, len(body)]) + body


class Root:
    def __init__(self, label, cert, trust, server_after=None, email_after=None, after_on="cert"):
        self.label, self.cert, self.trust = label, cert, trust
        self.server_after, self.email_after, self.after_on = server_after, email_after, after_on
        self.der = cert.public_bytes(serialization.Encoding.DER)
        self.issuer = cert.issuer.public_bytes()
        self.serial = integer(cert.serial_number)


def date(attribute, value):
    if value is None:
        return attribute + " CK_BBOOL CK_FALSE\n"
    return attribute + " MULTILINE_OCTAL\n" + octal(value.encode())


def head(kind):
    return (f"CKA_CLASS CK_OBJECT_CLASS {kind}\nCKA_TOKEN CK_BBOOL CK_TRUE\n"
            "CKA_PRIVATE CK_BBOOL CK_FALSE\nCKA_MODIFIABLE CK_BBOOL CK_FALSE\n")


def cert_object(root, label, dates, raw_serial=False):
    text = head("CKO_CERTIFICATE") + f'CKA_LABEL UTF8 "{label}"\n'
    text += "CKA_CERTIFICATE_TYPE CK_CERTIFICATE_TYPE CKC_X_509\n"
    text += "CKA_SUBJECT MULTILINE_OCTAL\n" + octal(root.issuer) + 'CKA_ID UTF8 "0"\n'
    text += "CKA_ISSUER MULTILINE_OCTAL\n" + octal(root.issuer)
    serial = root.serial[2:] if raw_serial else root.serial
    text += "CKA_SERIAL_NUMBER MULTILINE_OCTAL\n" + octal(serial)
    text += "CKA_VALUE MULTILINE_OCTAL\n" + octal(root.der)
    if dates:
        text += "CKA_NSS_MOZILLA_CA_POLICY CK_BBOOL CK_TRUE\n"
        on_cert = root.after_on == "cert"
        if root.server_after and on_cert:
            text += f"# For Server Distrust After: {root.server_after}\n"
        text += date("CKA_NSS_SERVER_DISTRUST_AFTER", root.server_after if on_cert else None)
        text += date("CKA_NSS_EMAIL_DISTRUST_AFTER", root.email_after)
    return text


def trust_object(root, label, vendor, level_words, dates, step_up=True, raw_serial=False,
                 digests=True):
    text = head(f"CKO_{vendor}_TRUST") + f'CKA_LABEL UTF8 "{label}"\n'
    if digests:
        text += "CKA_CERT_SHA1_HASH MULTILINE_OCTAL\n" + octal(hashlib.sha1(root.der).digest())
        text += "CKA_CERT_MD5_HASH MULTILINE_OCTAL\n" + octal(hashlib.md5(root.der).digest())
    text += "CKA_ISSUER MULTILINE_OCTAL\n" + octal(root.issuer)
    serial = root.serial[2:] if raw_serial else root.serial
    text += "CKA_SERIAL_NUMBER MULTILINE_OCTAL\n" + octal(serial)
    if dates and root.server_after and root.after_on == "trust":
        text += "# For Server Distrust After: on the trust object\n"
        text += date("CKA_NSS_SERVER_DISTRUST_AFTER", root.server_after)
    for purpose, level in root.trust:
        text += f"CKA_TRUST_{purpose} CK_TRUST CKT_{vendor}_{level_words.get(level, level)}\n"
    if step_up:
        text += "CKA_TRUST_STEP_UP_APPROVED CK_BBOOL CK_FALSE\n"
    return text


def comments(root, label):
    cert = root.cert
    subject = cert.subject.rfc4514_string()
    digest = cert.fingerprint(hashes.SHA256()).hex(":").upper()
    return (f'#\n# Certificate "{label}"\n#\n# Issuer: {subject}\n# Serial Number: '
            f'{cert.serial_number}\n# Subject: {subject}\n# Fingerprint (SHA-256): {digest}\n')


TD, MV, NT = "TRUSTED_DELEGATOR", "MUST_VERIFY_TRUST", "NOT_TRUSTED"


def usual(server, email, code=MV):
    return [("SERVER_AUTH", server), ("EMAIL_PROTECTION", email), ("CODE_SIGNING", code)]


roots = [
    Root("Alpha Root", certificate("Alpha Root", 2020, 2040, 0x1001), usual(TD, TD)),
    Root("Beta Mail Root", certificate("Beta Mail Root", 2020, 2040, 0xFF02), usual(MV, TD)),
    Root("Gamma Expired Root", certificate("Gamma Expired Root", 2000, 2020, 3), usual(TD, MV)),
    Root("Delta Főtanúsítvány", certificate("Delta Főtanúsítvány", 2020, 2040, 0x44 << 120,
         rsa.generate_private_key(65537, 2048)), usual(TD, MV), "241130235959Z", "251231235959Z"),
    Root("Epsilon Root", certificate("Epsilon Root", 2020, 2040, 5), usual(TD, MV),
         "260415235959Z", after_on="trust"),
    Root("Zeta Bogus", certificate("Zeta Bogus", 2020, 2040, 6), usual(NT, NT, NT)),
    Root("Theta Client Root", certificate("Theta Client Root", 2020, 2040, 8),
         [("CLIENT_AUTH", TD), ("CRL_SIGN", TD)] + usual(MV, MV)),
]
orphan = Root("Eta, distrusted", certificate("Eta, distrusted", 2020, 2040, 7), usual(NT, NT, NT))

LIST = head("CKO_{}_BUILTIN_ROOT_LIST") + 'CKA_LABEL UTF8 "Mozilla Builtin Roots"\n'

with open("nss.txt", "w", encoding="utf-8") as out:
    out.write("#\n# The dialect since 2012.\n#\nBEGINDATA\n" + LIST.format("NSS"))
    for root in roots:
        out.write("\n" + comments(root, root.label) + cert_object(root, root.label, True))
        out.write(f'\n# Trust for "{root.label}"\n')
        out.write(trust_object(root, root.label, "NSS", {}, True))
    out.write(f'\n# Explicitly Distrust "{orphan.label}"\n')
    out.write(trust_object(orphan, orphan.label, "NSS", {}, True, digests=False))

old_words = {MV: "VALID", NT: "UNTRUSTED"}
with open("netscape.txt", "w", encoding="latin-1") as out:
    out.write('#\n# The dialect of 2003; labels in Latin-1.\n#\n'
              'CVS_ID "@(#) $RCSfile: certdata.txt,v $ $Revision: 1.26 $"\n\nBEGINDATA\n'
              + LIST.format("NETSCAPE"))
    for root in roots:
        label = root.label.replace("ő", "õ")
        out.write("\n" + cert_object(root, label, False).replace(
            'CKA_ID UTF8 "0"', 'CKA_ID UTF8 "0"\nCKA_NETSCAPE_EMAIL ASCII7 ""'))
        out.write("\n" + trust_object(root, label, "NETSCAPE", old_words, False, step_up=False))
    out.write("\n" + head("CKO_NETSCAPE_CRL") + 'CKA_LABEL UTF8 "A revocation list"\n'
              "CKA_SUBJECT MULTILINE_OCTAL\n" + octal(roots[0].issuer)
              + "CKA_VALUE MULTILINE_OCTAL\n" + octal(b"no list at all")
              + "CKA_NETSCAPE_KRL CK_BBOOL CK_FALSE\n")
    out.write("\n" + trust_object(orphan, orphan.label, "NETSCAPE", old_words, False, False,
                                  digests=False))

# Of 2009 to 2018: escapes in labels. Besides: no header, no comments, no digests, plain serial numbers,
# trailing blanks, comments behind values, no final newline.
with open("sparse.txt", "w", encoding="ascii") as out:
    text = ""
    for root in roots:
        label = "".join(c if ord(c) < 128 else "".join("\\x%02X" % b for b in c.encode())
                        for c in root.label)
        text += cert_object(root, label, True, raw_serial=True)
        text += trust_object(root, label, "NSS", {}, True, raw_serial=True, digests=False)
    text += trust_object(orphan, orphan.label, "NSS", {}, True, raw_serial=True, digests=False)
    text = text.replace("CK_TRUE\n", "CK_TRUE # yes\n").replace("END\n", "END  \n")
    out.write(text.rstrip("\n"))

with open("roots.tsv", "w", encoding="utf-8") as out:
    out.write("# sha256\tnot_after\tserver_distrust_after\ttrust\tlabel\n")
    for root in roots:
        epoch = int(root.cert.not_valid_after_utc.timestamp())
        trust = ",".join(f"{purpose}={level}" for purpose, level in root.trust)
        out.write(f"{hashlib.sha256(root.der).hexdigest()}\t{epoch}\t{root.server_after or '-'}\t"
                  f"{trust}\t{root.label}\n")
