#include "pki/file_kind.h"

#include <openssl/pkcs12.h>
#include <openssl/pkcs7.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <span>
#include <vector>

#include "base/text.h"
#include "pki/limits.h"
#include "pki/openssl.h"
#include "pki/pem.h"

namespace ipm::pki {
namespace {

using Pkcs12Ptr = Ptr<PKCS12, PKCS12_free>;
using Pkcs7Ptr = Ptr<PKCS7, PKCS7_free>;

struct LabelRow {
  std::string_view label;
  FileKind kind;
};

// In the order of what counts most where a text holds several blocks.
constexpr std::array kLabels = {
    LabelRow{"ENCRYPTED PRIVATE KEY", FileKind::EncryptedKey},
    LabelRow{"PRIVATE KEY", FileKind::PrivateKey},
    LabelRow{"RSA PRIVATE KEY", FileKind::PrivateKey},
    LabelRow{"EC PRIVATE KEY", FileKind::PrivateKey},
    LabelRow{"DSA PRIVATE KEY", FileKind::PrivateKey},
    LabelRow{"OPENSSH PRIVATE KEY", FileKind::OpenSshKey},
    LabelRow{"CERTIFICATE", FileKind::Certificate},
    LabelRow{"X509 CERTIFICATE", FileKind::Certificate},
    LabelRow{"TRUSTED CERTIFICATE", FileKind::TrustedCertificate},
    LabelRow{"CERTIFICATE REQUEST", FileKind::Request},
    LabelRow{"NEW CERTIFICATE REQUEST", FileKind::Request},
    LabelRow{"X509 CRL", FileKind::Crl},
    LabelRow{"PKCS7", FileKind::Pkcs7},
    LabelRow{"CMS", FileKind::Pkcs7},
    LabelRow{"PUBLIC KEY", FileKind::PublicKey},
    LabelRow{"RSA PUBLIC KEY", FileKind::PublicKey},
};

// One tag and length of DER at the front of `der`; its content is taken off too.
struct Member {
  int type = V_ASN1_OTHER;  // V_ASN1_OTHER for context tags
  std::string_view content;
};

std::optional<Member> take_member(std::string_view& der) {
  const ErrorQueueGuard guard;
  const unsigned char* at = octets(der);
  long size = 0;
  int tag = 0;
  int tag_class = 0;
  const int result = ASN1_get_object(&at, &size, &tag, &tag_class, static_cast<long>(der.size()));
  // Bit 7 is failure, bit 0 an indefinite length, which is not DER.
  if ((result & 0x81) != 0) return std::nullopt;
  Member member{tag_class == V_ASN1_UNIVERSAL ? tag : V_ASN1_OTHER,
                as_text(at, static_cast<std::size_t>(size))};
  der = as_text(at + size, der.size() - static_cast<std::size_t>(at + size - octets(der)));
  return member;
}

// The types of the first members of a SEQUENCE, or nothing where `der` is not one whole SEQUENCE.
std::vector<int> member_types(std::string_view der) {
  constexpr std::size_t kMembersMax = 10;
  const auto sequence = take_member(der);
  if (!sequence || sequence->type != V_ASN1_SEQUENCE || !der.empty()) return {};
  std::vector<int> types;
  std::string_view rest = sequence->content;
  while (!rest.empty() && types.size() < kMembersMax) {
    const auto member = take_member(rest);
    if (!member) return {};
    types.push_back(member->type);
  }
  return types;
}

bool starts_with(const std::vector<int>& types, std::initializer_list<int> wanted) {
  return types.size() >= wanted.size() && std::equal(wanted.begin(), wanted.end(), types.begin());
}

// By shape first: decoding a key takes OpenSSL a hundred times as long as looking at its frame.
FileKind kind_of_der(std::string_view der) {
  if (der.size() > kCrlBytesMax) return FileKind::Unknown;
  const std::vector<int> types = member_types(der);
  if (starts_with(types, {V_ASN1_SEQUENCE, V_ASN1_SEQUENCE, V_ASN1_BIT_STRING})) {
    if (decode_whole<CertificatePtr>(d2i_X509, der)) return FileKind::DerCertificate;
    if (decode_whole<RequestPtr>(d2i_X509_REQ, der)) return FileKind::DerRequest;
    if (decode_whole<CrlPtr>(d2i_X509_CRL, der)) return FileKind::DerCrl;
    return FileKind::Unknown;
  }
  if (starts_with(types, {V_ASN1_INTEGER, V_ASN1_SEQUENCE, V_ASN1_OCTET_STRING})) {
    return FileKind::DerPrivateKey;  // PKCS#8
  }
  if (starts_with(types, {V_ASN1_INTEGER, V_ASN1_OCTET_STRING})) {
    return FileKind::DerPrivateKey;  // EC (RFC 5915)
  }
  if (types.size() >= 9 && std::all_of(types.begin(), types.begin() + 9,
                                       [](int type) { return type == V_ASN1_INTEGER; })) {
    return FileKind::DerPrivateKey;  // RSA (RFC 8017)
  }
  if (starts_with(types, {V_ASN1_INTEGER, V_ASN1_SEQUENCE}) &&
      decode_whole<Pkcs12Ptr>(d2i_PKCS12, der)) {
    return FileKind::Pkcs12;
  }
  if (starts_with(types, {V_ASN1_OBJECT}) && decode_whole<Pkcs7Ptr>(d2i_PKCS7, der)) {
    return FileKind::DerPkcs7;
  }
  if (starts_with(types, {V_ASN1_SEQUENCE, V_ASN1_BIT_STRING})) return FileKind::DerPublicKey;
  if (starts_with(types, {V_ASN1_SEQUENCE, V_ASN1_OCTET_STRING}) && types.size() == 2) {
    return FileKind::DerEncryptedKey;
  }
  return FileKind::Unknown;
}

// certutil -encode writes the label round whatever it is given: the bytes tell (RFC 7468, 2).
FileKind kind_in_certificate_block(const PemBlock& block) {
  const auto der = decode_pem(block);
  switch (der ? kind_of_der(*der) : FileKind::Unknown) {
    case FileKind::DerRequest:
      return FileKind::Request;
    case FileKind::DerCrl:
      return FileKind::Crl;
    case FileKind::DerPkcs7:
      return FileKind::Pkcs7;
    case FileKind::DerPrivateKey:
      return FileKind::PrivateKey;
    case FileKind::DerEncryptedKey:
      return FileKind::EncryptedKey;
    default:
      return FileKind::Certificate;
  }
}

FileKind kind_of_blocks(std::span<const PemBlock> blocks) {
  for (const LabelRow& row : kLabels) {
    for (const PemBlock& block : blocks) {
      if (block.label != row.label) continue;
      if (row.kind == FileKind::Certificate) return kind_in_certificate_block(block);
      return block.has_encryption_header() ? FileKind::TraditionalEncryptedKey : row.kind;
    }
  }
  return FileKind::OtherPem;
}

bool holds(std::string_view text, std::string_view what) {
  return text.find(what) != std::string_view::npos;
}

bool is_utf16(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) return true;
  using namespace std::string_view_literals;
  return bytes.starts_with("-\0-\0-\0"sv) || bytes.starts_with("\0-\0-\0-"sv);
}

FileKind kind_by_marks(std::string_view bytes) {
  if (is_utf16(bytes)) return FileKind::Utf16;
  if (bytes.starts_with("\xFE\xED\xFE\xED") || bytes.starts_with("\xCE\xCE\xCE\xCE")) {
    return FileKind::JavaKeystore;
  }
  const std::string_view trimmed = trim(bytes);
  if (trimmed.starts_with("PuTTY-User-Key-File-")) return FileKind::PuttyKey;
  if (trimmed.starts_with("ssh-") || trimmed.starts_with("ecdsa-sha2-")) {
    return FileKind::OpenSshPublicKey;
  }
  const std::string start = to_lower_ascii(trimmed.substr(0, 64));
  if (start.starts_with("<!doctype html") || start.starts_with("<html")) return FileKind::Html;
  if (holds(bytes, "CKA_CLASS") && holds(bytes, "CKO_")) return FileKind::Certdata;
  return FileKind::Unknown;
}

}  // namespace

FileKind file_kind(std::string_view bytes) {
  if (trim(bytes).empty()) return FileKind::Empty;
  if (const FileKind kind = kind_by_marks(bytes); kind != FileKind::Unknown) return kind;
  const PemText text = scan_pem(bytes, kPemBlocksMax);
  if (!text.damage.empty()) return FileKind::DamagedPem;
  if (!text.blocks.empty()) return kind_of_blocks(text.blocks);
  if (const FileKind kind = kind_of_der(bytes); kind != FileKind::Unknown) return kind;
  if (holds(bytes, "-----BEGIN ")) return FileKind::IndentedPem;
  if (const auto der = decode_base64(bytes); der && kind_of_der(*der) != FileKind::Unknown) {
    return FileKind::BareBase64;
  }
  return FileKind::Unknown;
}

std::string_view file_kind_words(FileKind kind) {
  switch (kind) {
    case FileKind::Empty:
      return "an empty file";
    case FileKind::Certificate:
      return "a certificate";
    case FileKind::TrustedCertificate:
      return "a certificate with OpenSSL's own trust settings (TRUSTED CERTIFICATE)";
    case FileKind::PrivateKey:
      return "a private key";
    case FileKind::EncryptedKey:
      return "an encrypted private key (PKCS#8)";
    case FileKind::TraditionalEncryptedKey:
      return "an encrypted private key (Proc-Type: 4,ENCRYPTED)";
    case FileKind::PublicKey:
      return "a public key";
    case FileKind::Request:
      return "a certificate request";
    case FileKind::Crl:
      return "a certificate revocation list";
    case FileKind::Pkcs7:
      return "a PKCS#7 collection of certificates";
    case FileKind::OpenSshKey:
      return "a private key of OpenSSH";
    case FileKind::OtherPem:
      return "PEM of another kind";
    case FileKind::DamagedPem:
      return "damaged PEM";
    case FileKind::IndentedPem:
      return "PEM whose BEGIN line does not stand at the start of a line";
    case FileKind::DerCertificate:
      return "a DER certificate";
    case FileKind::DerPrivateKey:
      return "a DER private key";
    case FileKind::DerEncryptedKey:
      return "an encrypted DER private key (PKCS#8)";
    case FileKind::DerPublicKey:
      return "a DER public key";
    case FileKind::DerRequest:
      return "a DER certificate request";
    case FileKind::DerCrl:
      return "a DER certificate revocation list";
    case FileKind::DerPkcs7:
      return "a DER PKCS#7 collection of certificates";
    case FileKind::Pkcs12:
      return "a PKCS#12 file (.p12, .pfx)";
    case FileKind::BareBase64:
      return "base64 without its BEGIN and END lines";
    case FileKind::Certdata:
      return "Mozilla's raw certdata.txt, which holds no PEM";
    case FileKind::Html:
      return "a web page";
    case FileKind::JavaKeystore:
      return "a Java keystore";
    case FileKind::OpenSshPublicKey:
      return "a public key of OpenSSH";
    case FileKind::PuttyKey:
      return "a private key of PuTTY";
    case FileKind::Utf16:
      return "UTF-16 text";
    case FileKind::Unknown:
      break;
  }
  return "neither PEM nor anything else that is known";
}

}  // namespace ipm::pki
