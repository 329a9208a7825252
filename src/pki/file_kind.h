#pragma once
// What a file really is, when it is not what it should be: the answer to "it does not load" (S4,
// S12).

#include <string>
#include <string_view>

#include "base/error.h"

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

enum class Wanted { Certificate, PrivateKey, EncryptedKey, Request, Crl };

// The Error for `bytes` of the file `origin`, in which nothing that is `wanted` was found: what it
// is instead, and the command that mends it.
Error wrong_kind(Wanted wanted, std::string_view bytes, std::string_view origin);

// The Error for a file of the right kind that does not read; `what` says where and how.
Error damaged(Wanted wanted, std::string_view what, std::string_view origin);

// `text` as one word of a shell's command line.
std::string shell_word(std::string_view text);

}  // namespace ipm::pki
