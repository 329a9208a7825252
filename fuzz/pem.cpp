// floors: pki
// Whatever the bytes, loading them as key, certificate, request or revocation list gives a value
// that reads back as the same, or an Error; and leaves OpenSSL's error queue empty.

#include <openssl/err.h>

#include <array>
#include <cstdlib>

#include "base/error.h"
#include "pki/certificate.h"
#include "pki/crl.h"
#include "pki/file_kind.h"
#include "pki/pem.h"
#include "pki/request.h"

namespace {

using namespace ipm;
using namespace ipm::pki;

void require(bool condition) {
  if (!condition) std::abort();
}

template <class Call>
void guarded(Call call) {
  try {
    call();
  } catch (const Error& error) {
    require(std::string_view(error.what()).find('\n') == std::string_view::npos);
  }
  require(ERR_peek_error() == 0);
}

void ask(const Certificate& certificate) {
  require(Certificate::parse(certificate.pem(), "again") == certificate);
  require(Certificate::from_handle(certificate.handle()) == certificate);
  for (const std::string& text : {certificate.subject(), certificate.issuer(), certificate.serial(),
                                  certificate.display_name(), certificate.signature_algorithm()}) {
    require(text.find_first_of("\n\x1b") == std::string::npos);
  }
  const auto& usage = certificate.key_usage();
  require(!(usage.broken && usage.value));
  require(Names::parse(certificate.names().text()) == certificate.names());
  require(certificate.is_self_issued() || certificate.subject_der() != certificate.issuer_der());
  guarded([&] { require(!certificate.public_key().describe().empty()); });
}

void ask(const Crl& list) {
  require(Crl::parse_der(list.der(), "again").der() == list.der());
  require(list.revocations().size() == list.size());
  require(list.missing_in(list).count == 0);
  (void)list.issuer();
}

void ask(const Request& request) {
  require(Request::parse(request.pem(), "again").der() == request.der());
  guarded([&] { require(Names::parse(request.names().text()) == request.names()); });
}

void load_pem(std::string_view text) {
  guarded([&] {
    for (const Certificate& one : Certificate::parse_all(text, "fuzz", 100)) ask(one);
  });
  guarded([&] {
    for (const Crl& one : Crl::parse_all(text, "fuzz")) ask(one);
  });
  guarded([&] { ask(Request::parse(text, "fuzz")); });
  guarded([&] {
    const PrivateKey key = PrivateKey::parse(text, "fuzz");
    require(!key.public_key().complaint());
    require(PrivateKey::parse(key.pem().reveal(), "again").public_key() == key.public_key());
    require(!PrivateKey::is_encrypted(key.pem().reveal()));
  });
}

void load_der(std::string_view der) {
  guarded([&] { ask(Certificate::parse_der(der, "fuzz")); });
  guarded([&] { ask(Crl::parse_der(der, "fuzz")); });
  guarded([&] { ask(Request::parse_der(der, "fuzz")); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  require(!file_kind_words(file_kind(bytes)).empty());
  load_pem(bytes);
  load_der(bytes);
  // Mutations rarely keep base64 whole: the same bytes once more, well wrapped. One label at a
  // time, because OpenSSL takes a millisecond for each attempt.
  if (bytes.starts_with('\x30')) {
    static constexpr std::array kLabels = {"PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"};
    guarded([&] { PrivateKey::parse(pem_text(kLabels.at(size % kLabels.size()), bytes), "fuzz"); });
  }
  return 0;
}
