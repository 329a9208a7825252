#pragma once
// What a file really is, when it is not what it should be: the answer to "it does not load" (S4,
// S12).

#include <string_view>

namespace ipm::pki {

enum class FileKind {
  Unknown,
  Empty,
  // PEM
  Certificate,
  TrustedCertificate,
  PrivateKey,
  EncryptedKey,             // PKCS#8
  TraditionalEncryptedKey,  // "Proc-Type: 4,ENCRYPTED"
  PublicKey,
  Request,
  Crl,
  Pkcs7,
  OpenSshKey,
  OtherPem,
  DamagedPem,
  IndentedPem,
  // DER
  DerCertificate,
  DerPrivateKey,
  DerEncryptedKey,
  DerPublicKey,
  DerRequest,
  DerCrl,
  DerPkcs7,
  Pkcs12,
  BareBase64,  // DER in base64 without BEGIN and END lines
  // Others
  Certdata,
  Html,
  JavaKeystore,
  OpenSshPublicKey,
  PuttyKey,
  Utf16,
};

// Total: looks at the bytes, never throws on them. Where PEM holds several blocks, keys count
// first, then certificates.
FileKind file_kind(std::string_view bytes);
std::string_view file_kind_words(FileKind kind);  // "an encrypted private key (PKCS#8)"

}  // namespace ipm::pki
