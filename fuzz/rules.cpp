// floors: pki
// Certificates of strangers under every rule: nothing crashes, and the handshake's quick judgement
// is the same as the explained one.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/error.h"
#include "pki/certificate.h"
#include "pki/name_constraints.h"
#include "pki/rules.h"

namespace {

using namespace ipm;

void require(bool holds) {
  if (!holds) std::abort();
}

void judge(const pki::Certificate& certificate, TimePoint now) {
  constexpr pki::Role kRoles[] = {pki::Role::Server, pki::Role::MutualServer, pki::Role::Client,
                                  pki::Role::Authority};
  for (const auto role : kRoles) {
    pki::CheckOptions options;
    options.now = now;
    const auto explained = pki::failures(pki::check(certificate, role, options));
    require(explained == pki::check_peer(certificate, role, now));
  }
  pki::guess_role(certificate);
  try {
    const auto names = certificate.names();
    const auto permitted = pki::permitted_names(certificate, names);
    require(permitted.dns.size() <= names.dns.size());
    pki::name_constraints_text(certificate);
  } catch (const Error& error) {
    require(error.message() == Message::CertificateUnusable);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view der(reinterpret_cast<const char*>(data), size);
  try {
    const auto certificate = pki::Certificate::parse_der(der, "fuzz");
    judge(certificate, certificate.not_before());
  } catch (const Error& error) {
    require(error.message() == Message::CertificateUnusable);
  }
  return 0;
}
