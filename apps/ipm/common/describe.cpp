#include "ipm/common/describe.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "pki/name_constraints.h"

namespace ipm::app {
namespace {

// What of a foreign certificate may be printed in one place.
constexpr std::size_t kLineBytesMax = 4096;

std::string safe(std::string_view text) {
  return printable(text, kLineBytesMax);
}

std::string usages(const pki::Certificate& certificate) {
  const auto& usage = certificate.extended_key_usage();
  if (usage.broken) return "damaged";
  return usage.value ? pki::extended_key_usage_text(*usage.value) : "none";
}

std::string key_usages(const pki::Certificate& certificate) {
  const auto& usage = certificate.key_usage();
  if (usage.broken) return "damaged";
  return usage.value ? pki::key_usage_text(*usage.value) : "none";
}

std::string alternative_names(const pki::Certificate& certificate) {
  const auto& names = certificate.subject_alternative_names();
  if (names.broken) return "damaged";
  return names.value ? pki::alternative_names_text(*names.value) : "none";
}

// Absent, or damaged and then said so: showing never fails.
std::string constraints(const pki::Certificate& certificate) {
  try {
    return pki::name_constraints_text(certificate);
  } catch (const Error&) {
    return "damaged";
  }
}

}  // namespace

pki::Role parse_role(std::string_view word) {
  if (word == "server") return pki::Role::Server;
  if (word == "mutual" || word == "mutual server") return pki::Role::MutualServer;
  if (word == "client") return pki::Role::Client;
  if (word == "authority" || word == "ca") return pki::Role::Authority;
  throw Error(Message::UsageWrong, fmt::format("there is no role {}", printable(word, 40)),
              "server, mutual, client or authority", "change --role");
}

std::string expiry_text(TimePoint not_after, TimePoint now) {
  const auto plural = [](std::int64_t days) { return days == 1 ? "" : "s"; };
  const auto left = days_until(not_after, now).count();
  if (now > not_after) {
    const auto past = days_until(now, not_after).count();
    return fmt::format("{} (expired {} day{} ago)", to_certificate_time(not_after), past,
                       plural(past));
  }
  return fmt::format("{} (in {} day{})", to_certificate_time(not_after), left, plural(left));
}

nlohmann::json certificate_json(const pki::Certificate& certificate, TimePoint now) {
  nlohmann::json document = {
      {"subject", certificate.subject()},
      {"name", certificate.display_name()},
      {"issuer", certificate.issuer()},
      {"serial", certificate.serial()},
      {"role", pki::role_name(pki::guess_role(certificate))},
      {"names", alternative_names(certificate)},
      {"not_before", to_rfc3339(certificate.not_before())},
      {"not_after", to_rfc3339(certificate.not_after())},
      {"days_left", days_until(certificate.not_after(), now).count()},
      {"key", pki::key_description(certificate)},
      {"key_usage", key_usages(certificate)},
      {"extended_key_usage", usages(certificate)},
      {"signature", certificate.signature_algorithm()},
      {"version", certificate.version()},
      {"fingerprint_sha256", certificate.fingerprint()},
  };
  if (const auto limits = constraints(certificate); !limits.empty()) document["only"] = limits;
  return document;
}

std::string certificate_text(const pki::Certificate& certificate, TimePoint now) {
  std::string text;
  auto line = [&](std::string_view label, std::string_view value) {
    text += fmt::format("  {:<12} {}\n", label, value);
  };
  text += safe(certificate.display_name()) + "\n";
  line("subject", safe(certificate.subject()));
  line("issuer", safe(certificate.issuer()));
  line("role", pki::role_name(pki::guess_role(certificate)));
  line("names", alternative_names(certificate));
  line("usage", fmt::format("{}; {}", usages(certificate), key_usages(certificate)));
  if (const auto limits = constraints(certificate); !limits.empty()) line("only", limits);
  line("key", pki::key_description(certificate));
  line("signature", safe(certificate.signature_algorithm()));
  line("serial", certificate.serial());
  line("valid from", to_certificate_time(certificate.not_before()));
  line("expires", expiry_text(certificate.not_after(), now));
  line("fingerprint", "SHA-256 " + certificate.fingerprint());
  return text;
}

void say_certificate(const Context& context, const pki::Certificate& certificate) {
  if (certificate.subject_alternative_names().present()) {
    context.say(fmt::format("  names        {}", alternative_names(certificate)));
  }
  context.say(fmt::format("  serial       {}", certificate.serial()));
  context.say(fmt::format("  fingerprint  SHA-256 {}", certificate.fingerprint()));
  context.say(
      fmt::format("  expires      {}", expiry_text(certificate.not_after(), context.now())));
}

}  // namespace ipm::app
