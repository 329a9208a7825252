#include "pki/bought.h"

#include <fmt/format.h>
#include <openssl/pkcs12.h>
#include <openssl/pkcs7.h>

#include "base/text.h"
#include "pki/file_kind.h"
#include "pki/limits.h"
#include "pki/openssl.h"
#include "pki/pem.h"
#include "pki/wanted.h"

namespace ipm::pki {
namespace {

using Pkcs12Ptr = Ptr<PKCS12, PKCS12_free>;
using Pkcs7Ptr = Ptr<PKCS7, PKCS7_free>;
using Pkcs8Ptr = Ptr<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;
using KeyPtr = Ptr<EVP_PKEY, EVP_PKEY_free>;

struct FreeCertificates {
  void operator()(STACK_OF(X509) * stack) const noexcept { sk_X509_pop_free(stack, X509_free); }
};
using CertificatesPtr = std::unique_ptr<STACK_OF(X509), FreeCertificates>;

void add_all(const STACK_OF(X509) * stack, std::vector<Certificate>& certificates) {
  for (int i = 0; stack != nullptr && i < sk_X509_num(stack); ++i) {
    certificates.push_back(Certificate::from_handle(sk_X509_value(stack, i)));
  }
}

// By way of its PEM: the key is read with every check that a key of a file gets.
PrivateKey key_of(EVP_PKEY* key, std::string_view origin) {
  const Pkcs8Ptr info = own<Pkcs8Ptr>(EVP_PKEY2PKCS8(key), "EVP_PKEY2PKCS8");
  const Secret der(encode(i2d_PKCS8_PRIV_KEY_INFO, info.get()));
  const Secret pem(pem_text("PRIVATE KEY", der.reveal()));
  return PrivateKey::parse(pem.reveal(), origin);
}

struct Pkcs12Content {
  KeyPtr key;
  CertificatePtr leaf;
  CertificatesPtr others;

  // Whether the passphrase opens the file; null: it has none.
  bool read(PKCS12* file, const char* passphrase) {
    EVP_PKEY* raw_key = nullptr;
    X509* raw_leaf = nullptr;
    STACK_OF(X509)* raw_others = nullptr;
    const int parsed = PKCS12_parse(file, passphrase, &raw_key, &raw_leaf, &raw_others);
    key.reset(raw_key);
    leaf.reset(raw_leaf);
    others.reset(raw_others);
    return parsed == 1;
  }
};

Bought from_pkcs12(std::string_view bytes, std::string_view origin,
                   const std::function<Secret()>& ask) {
  const ErrorQueueGuard guard;
  const auto file = decode_whole<Pkcs12Ptr>(d2i_PKCS12, bytes);
  if (!file) {
    throw Error(Message::Pkcs12Unusable,
                fmt::format("{} is a damaged PKCS#12 file", printable(origin, 4096)),
                "a whole PKCS#12 file", "copy or fetch it again from where it was made");
  }
  const auto wrong = [&](std::string_view remark) {
    return Error(Message::PassphraseWrong,
                 fmt::format("the passphrase does not open {}{}", printable(origin, 4096), remark),
                 "the passphrase that the file was made with");
  };
  Pkcs12Content content;
  bool is_open = false;
  if (PKCS12_mac_present(file.get()) == 1) {
    // Without a passphrase some write an empty one, and some none.
    std::optional<Secret> passphrase;
    const char* secret = nullptr;
    if (PKCS12_verify_mac(file.get(), nullptr, 0) != 1) {
      secret = "";
      if (PKCS12_verify_mac(file.get(), "", 0) != 1) {
        passphrase.emplace(ask());
        secret = passphrase->reveal().data();  // the whole of a std::string: it ends in NUL
        if (PKCS12_verify_mac(file.get(), secret, -1) != 1) throw wrong("");
      }
    }
    is_open = content.read(file.get(), secret);
  } else if (!content.read(file.get(), nullptr)) {
    // Nothing in the file tells a wrong passphrase from damage.
    const Secret passphrase = ask();
    const char* secret = passphrase.reveal().data();
    // OpenSSL 3.0 decrypts only behind a MAC that fits: it gets one of this passphrase.
    is_open = PKCS12_set_mac(file.get(), secret, -1, nullptr, 0, 1, EVP_sha256()) == 1 &&
              content.read(file.get(), secret);
    if (!is_open) throw wrong(", or it is damaged (it has no MAC that would tell)");
  } else {
    is_open = true;
  }
  if (!is_open) {
    const std::string word = shell_word(std::string(origin));
    throw Error(
        Message::Pkcs12Unusable,
        fmt::format("{} is encrypted in a way that is no longer supported (RC2 or the like)",
                    printable(origin, 4096)),
        "a PKCS#12 file encrypted with AES or 3DES",
        fmt::format("openssl pkcs12 -legacy -nodes -in {0} -out {0}.pem, and import that file",
                    word));
  }
  Bought bought;
  if (content.leaf) bought.certificates.push_back(Certificate::from_handle(content.leaf.get()));
  add_all(content.others.get(), bought.certificates);
  if (content.key) bought.key = key_of(content.key.get(), origin);
  return bought;
}

Bought from_pkcs7(std::string_view der, std::string_view origin) {
  const ErrorQueueGuard guard;
  const auto file = decode_whole<Pkcs7Ptr>(d2i_PKCS7, der);
  Bought bought;
  if (file && PKCS7_type_is_signed(file.get()) && file->d.sign != nullptr) {
    add_all(file->d.sign->cert, bought.certificates);
  }
  if (bought.certificates.empty()) {
    throw damaged(Wanted::Certificate, "its PKCS#7 holds no certificate", origin);
  }
  return bought;
}

PrivateKey plain_key(std::string_view der, std::string_view origin) {
  const ErrorQueueGuard guard;
  const unsigned char* at = octets(der);
  const KeyPtr key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size())));
  if (!key) throw damaged(Wanted::PrivateKey, "its bytes are no private key", origin);
  return key_of(key.get(), origin);
}

Bought from_pem(std::string_view text, std::string_view origin,
                const std::function<Secret()>& ask) {
  Bought bought;
  const PemText pem = scan_pem(text, kPemBlocksMax);
  if (!pem.damage.empty()) throw damaged(Wanted::Certificate, pem.damage, origin);
  bool has_key = false;
  bool has_certificate = false;
  for (const PemBlock& block : pem.blocks) {
    has_key = has_key || block.label.ends_with("PRIVATE KEY");
    has_certificate = has_certificate || block.label.ends_with("CERTIFICATE");
    if (block.label != "PKCS7" && block.label != "CMS") continue;
    const auto der = decode_pem(block);
    if (!der) throw damaged(Wanted::Certificate, "a block is not base64", origin);
    const auto more = from_pkcs7(*der, origin).certificates;
    bought.certificates.insert(bought.certificates.end(), more.begin(), more.end());
  }
  if (has_certificate) {
    const auto more = Certificate::parse_all(text, origin);
    bought.certificates.insert(bought.certificates.end(), more.begin(), more.end());
  }
  if (has_key) {
    bought.key = PrivateKey::is_encrypted(text) ? PrivateKey::parse_encrypted(text, ask(), origin)
                                                : PrivateKey::parse(text, origin);
  }
  if (bought.certificates.empty() && !bought.key) {
    throw wrong_kind(Wanted::Certificate, text, origin);
  }
  return bought;
}

}  // namespace

Bought read_bought(std::string_view bytes, std::string_view origin,
                   const std::function<Secret()>& ask) {
  switch (file_kind(bytes)) {
    case FileKind::Pkcs12:
      return from_pkcs12(bytes, origin, ask);
    case FileKind::DerPkcs7:
      return from_pkcs7(bytes, origin);
    case FileKind::DerCertificate:
      return {{Certificate::parse_der(bytes, origin)}, std::nullopt};
    case FileKind::DerPrivateKey:
      return {{}, plain_key(bytes, origin)};
    case FileKind::DerEncryptedKey: {
      const std::string pem = pem_text("ENCRYPTED PRIVATE KEY", bytes);
      return {{}, PrivateKey::parse_encrypted(pem, ask(), origin)};
    }
    default:
      return from_pem(bytes, origin, ask);
  }
}

}  // namespace ipm::pki
