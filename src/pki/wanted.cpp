#include "pki/wanted.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/text.h"
#include "pki/file_kind.h"
#include "pki/limits.h"
#include "pki/pem.h"

namespace ipm::pki {
namespace {

struct WantedWords {
  Message message;
  std::string_view expected;
  std::string_view short_name;
  std::string_view suffix;  // of the converted file's name
};

WantedWords words(Wanted wanted) {
  switch (wanted) {
    case Wanted::PrivateKey:
      return {Message::KeyUnusable, "an unencrypted private key in PEM (S12)", "private key",
              "-key"};
    case Wanted::EncryptedKey:
      return {Message::KeyUnusable, "a private key in PEM, encrypted as PKCS#8 or not encrypted",
              "private key", "-key"};
    case Wanted::Request:
      return {Message::RequestUnusable, "a certificate request in PEM", "certificate request",
              "-request"};
    case Wanted::Crl:
      return {Message::CrlUnusable, "a certificate revocation list in PEM", "revocation list",
              "-crl"};
    case Wanted::Certificate:
      break;
  }
  return {Message::CertificateUnusable, "a certificate in PEM (S12)", "certificate", "-cert"};
}

bool is_key(Wanted wanted) {
  return wanted == Wanted::PrivateKey || wanted == Wanted::EncryptedKey;
}

// One conversion: where it reads and a name beside it to write to, never the file itself.
struct Conversion {
  Wanted wanted;
  std::string in;
  std::string out;
};

Conversion conversion(Wanted wanted, std::string_view origin) {
  const std::filesystem::path path(origin.empty() ? "FILE" : printable(origin, 4096));
  std::filesystem::path stem = path;
  stem.replace_extension();
  const std::string suffix =
      path.extension() == ".pem" ? std::string(".new") : std::string(words(wanted).suffix);
  return {wanted, shell_word(path.string()), shell_word(stem.string() + suffix + ".pem")};
}

std::string openssl(std::string_view command, const Conversion& c) {
  return fmt::format("openssl {} -in {} -out {}", command, c.in, c.out);
}

std::string fetch_again(Wanted wanted) {
  return fmt::format("copy or fetch the {} again from where it was made", words(wanted).short_name);
}

// A key is there where something else is wanted, or the reverse.
std::string swapped(Wanted wanted) {
  if (is_key(wanted)) {
    return "name the private key that was made together with it; if key and certificate stand in "
           "each other's place, exchange them";
  }
  return fmt::format(
      "name the {}; if key and certificate stand in each other's place, exchange them",
      words(wanted).short_name);
}

std::string_view reader(Wanted wanted) {
  switch (wanted) {
    case Wanted::Certificate:
      return "x509";
    case Wanted::Request:
      return "req";
    case Wanted::Crl:
      return "crl";
    case Wanted::PrivateKey:
    case Wanted::EncryptedKey:
      break;
  }
  return "pkey";
}

std::string from_pkcs12(const Conversion& c) {
  if (is_key(c.wanted)) return openssl("pkcs12 -nodes -nocerts", c);
  if (c.wanted == Wanted::Certificate) return openssl("pkcs12 -nokeys", c);
  return fetch_again(c.wanted);
}

std::string from_java(const Conversion& c) {
  Conversion second = c;
  second.in = "keystore.p12";
  return fmt::format(
      "keytool -importkeystore -srckeystore {} -destkeystore keystore.p12 -deststoretype PKCS12, "
      "then {}",
      c.in, from_pkcs12(second));
}

std::string mend(FileKind kind, const Conversion& c) {
  const bool key = is_key(c.wanted);
  switch (kind) {
    case FileKind::EncryptedKey:
    case FileKind::TraditionalEncryptedKey:
      if (c.wanted == Wanted::EncryptedKey) return openssl("pkcs8 -topk8 -scrypt", c);
      return key ? openssl("pkey", c) : swapped(c.wanted);
    case FileKind::DerPrivateKey:
      return key ? openssl("pkey -inform DER", c) : swapped(c.wanted);
    case FileKind::DerEncryptedKey:
      return key ? openssl("pkcs8 -inform DER", c) : swapped(c.wanted);
    case FileKind::DerCertificate:
      return c.wanted == Wanted::Certificate ? openssl("x509 -inform DER", c) : swapped(c.wanted);
    case FileKind::DerRequest:
      if (c.wanted == Wanted::Request) return openssl("req -inform DER", c);
      return swapped(c.wanted);
    case FileKind::DerCrl:
      if (c.wanted == Wanted::Crl) return openssl("crl -inform DER", c);
      return fetch_again(c.wanted);
    case FileKind::TrustedCertificate:
      return c.wanted == Wanted::Certificate ? openssl("x509", c) : swapped(c.wanted);
    case FileKind::Pkcs7:
    case FileKind::DerPkcs7:
      if (c.wanted != Wanted::Certificate) return fetch_again(c.wanted);
      return openssl(
          kind == FileKind::Pkcs7 ? "pkcs7 -print_certs" : "pkcs7 -inform DER -print_certs", c);
    case FileKind::Pkcs12:
      return from_pkcs12(c);
    case FileKind::JavaKeystore:
      return from_java(c);
    case FileKind::Request:
      if (c.wanted == Wanted::Certificate) {
        return fmt::format("have it signed first: ipm cert sign {}", c.in);
      }
      return swapped(c.wanted);
    case FileKind::Certificate:
    case FileKind::PrivateKey:
      return swapped(c.wanted);
    case FileKind::PublicKey:
    case FileKind::DerPublicKey:
      return key ? "name the private key; a public key alone proves nothing" : swapped(c.wanted);
    case FileKind::OpenSshKey:
      if (!key) return swapped(c.wanted);
      return fmt::format("cp {0} {1} && ssh-keygen -p -N '' -m PKCS8 -f {1}", c.in, c.out);
    case FileKind::PuttyKey:
    case FileKind::OpenSshPublicKey:
      return "a key for TLS comes with its certificate: ipm cert issue server, or ipm cert request";
    case FileKind::Certdata:
      if (c.wanted != Wanted::Certificate) return fetch_again(c.wanted);
      return fmt::format("ipm trust build -o ca-cert.pem {}", c.in);
    case FileKind::Html:
      return "the download brought a page instead of the file: look at it, then fetch the file "
             "again";
    case FileKind::Utf16:
      return fmt::format("iconv -f UTF-16 -t UTF-8 {} > {}", c.in, c.out);
    case FileKind::IndentedPem:
      return fmt::format("sed 's/^.*\\(-----BEGIN\\)/\\1/; s/^[[:blank:]]*//' {} > {}", c.in,
                         c.out);
    case FileKind::BareBase64:
      return fmt::format("base64 -d {} | openssl {} -inform DER -out {}", c.in, reader(c.wanted),
                         c.out);
    case FileKind::Crl:
    case FileKind::OtherPem:
    case FileKind::DamagedPem:
    case FileKind::Empty:
    case FileKind::Unknown:
      break;
  }
  return fetch_again(c.wanted);
}

bool has_label(Wanted wanted, std::string_view label) {
  switch (wanted) {
    case Wanted::Certificate:
      return label == "CERTIFICATE" || label == "X509 CERTIFICATE";
    case Wanted::Request:
      return label == "CERTIFICATE REQUEST" || label == "NEW CERTIFICATE REQUEST";
    case Wanted::Crl:
      return label == "X509 CRL";
    case Wanted::PrivateKey:
    case Wanted::EncryptedKey:
      break;
  }
  return label.ends_with("PRIVATE KEY");
}

// RFC 7468, 2: what stands inside counts. certutil writes CERTIFICATE round anything.
bool is_mislabelled(Wanted wanted, const PemBlock& block) {
  if (block.label != "CERTIFICATE" || (wanted != Wanted::Request && wanted != Wanted::Crl)) {
    return false;
  }
  const auto der = decode_pem(block);
  return der &&
         file_kind(*der) == (wanted == Wanted::Request ? FileKind::DerRequest : FileKind::DerCrl);
}

std::string name_of(std::string_view origin) {
  return origin.empty() ? std::string("the input") : printable(origin, 4096);
}

}  // namespace

std::string shell_word(std::string_view text) {
  static constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+=,";
  const bool plain = !text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos;
  const bool option = text.starts_with('-');
  std::string word = option ? "./" : "";
  if (plain) return word.append(text);
  std::string quoted = "'";
  for (const char c : word.append(text)) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

std::vector<DerBlock> read_blocks(Wanted wanted, std::string_view text, std::string_view origin,
                                  std::size_t count_max, std::size_t bytes_max) {
  const PemText pem = scan_pem(text, kPemBlocksMax);
  if (!pem.damage.empty()) throw damaged(wanted, pem.damage, origin);
  std::vector<DerBlock> all;
  for (const PemBlock& block : pem.blocks) {
    // Ignoring it would lose a certificate that somebody put there.
    if (wanted == Wanted::Certificate && block.label == "TRUSTED CERTIFICATE") {
      throw wrong_kind(wanted, text, origin);
    }
    if (!has_label(wanted, block.label) && !is_mislabelled(wanted, block)) continue;
    auto der = decode_pem(block);
    if (!der) {
      throw damaged(wanted,
                    fmt::format("the block {} of line {} is not base64", block.label, block.line),
                    origin);
    }
    if (all.size() == count_max) throw beyond_limit(wanted, "blocks", count_max, origin);
    if (der->size() > bytes_max) throw beyond_limit(wanted, "bytes", bytes_max, origin);
    all.push_back({*std::move(der), block.line});
  }
  if (all.empty()) throw wrong_kind(wanted, text, origin);
  return all;
}

Error beyond_limit(Wanted wanted, std::string_view what, std::size_t limit,
                   std::string_view origin) {
  const WantedWords wanted_words = words(wanted);
  return {wanted_words.message,
          fmt::format("{} holds a {} of more than {} {}", name_of(origin), wanted_words.short_name,
                      limit, what),
          fmt::format("at most {} {}", limit, what), "check that it is the right file"};
}

Error wrong_kind(Wanted wanted, std::string_view bytes, std::string_view origin) {
  const FileKind kind = file_kind(bytes);
  const WantedWords wanted_words = words(wanted);
  if (kind == FileKind::DamagedPem) {
    return damaged(wanted, scan_pem(bytes, kPemBlocksMax).damage, origin);
  }
  return {wanted_words.message, fmt::format("{} is {}", name_of(origin), file_kind_words(kind)),
          std::string(wanted_words.expected), mend(kind, conversion(wanted, origin))};
}

Error damaged(Wanted wanted, std::string_view what, std::string_view origin) {
  const WantedWords wanted_words = words(wanted);
  return {wanted_words.message, fmt::format("{} is damaged: {}", name_of(origin), what),
          std::string(wanted_words.expected), fetch_again(wanted)};
}

}  // namespace ipm::pki
