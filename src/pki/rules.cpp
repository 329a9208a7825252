#include "pki/rules.h"

#include <fmt/format.h>

#include "base/text.h"
#include "pki/openssl.h"
#include "pki/rule_judgements.h"
#include "pki/rule_table.h"

namespace ipm::pki {
namespace {

bool applies(const Rule& rule, const Examined& examined, bool judge_validity) {
  if ((rule.roles & only(examined.role)) == 0) return false;
  if ((rule.families & only(examined.family)) == 0) return false;
  switch (rule.needs) {
    case Needs::Nothing:
      return true;
    case Needs::Key:
      return examined.key != nullptr;
    case Needs::Clock:
      return judge_validity;
  }
  return true;
}

Finding finding(const Rule& rule, const Examined& examined, bool passed) {
  Finding made;
  made.rule = rule.number;
  made.passed = passed;
  made.found = rule.found(examined);
  made.wanted = rule.wanted;
  if (!passed) made.mend = rule.mend;
  made.reference = rule.reference;
  return made;
}

}  // namespace

std::string_view role_name(Role role) {
  switch (role) {
    case Role::Server:
      return "server";
    case Role::MutualServer:
      return "mutual server";
    case Role::Client:
      return "client";
    case Role::Authority:
      return "authority";
  }
  return "unknown";
}

Findings check(const Certificate& certificate, Role role, const CheckOptions& options) {
  const Examined examined{
      certificate,       role,       judge::key_family(certificate), options.now,
      options.warn_days, options.key};
  Findings findings;
  for (const Rule& rule : rule_table()) {
    if (!applies(rule, examined, options.judge_validity)) continue;
    findings.push_back(finding(rule, examined, rule.holds(examined)));
  }
  return findings;
}

Findings check_peer(const Certificate& certificate, Role role, TimePoint now) {
  const Examined examined{certificate, role, judge::key_family(certificate), now, 0, nullptr};
  Findings findings;
  for (const Rule& rule : rule_table()) {
    if (!applies(rule, examined, true) || rule.holds(examined)) continue;
    findings.push_back(finding(rule, examined, false));
  }
  return findings;
}

Role guess_role(const Certificate& certificate) {
  const auto& constraints = certificate.basic_constraints().value;
  if (constraints && constraints->ca) return Role::Authority;
  const Examined examined{certificate, Role::Server, KeyFamily::Other, {}, 0, nullptr};
  if (judge::has_both_auths(examined)) return Role::MutualServer;
  return judge::has_client_auth(examined) ? Role::Client : Role::Server;
}

bool expires_soon(const Certificate& certificate, TimePoint now, int warn_days) {
  return certificate.not_after() - now < std::chrono::days{warn_days};
}

std::vector<RuleText> rule_texts(std::string_view number) {
  std::vector<RuleText> texts;
  for (const Rule& rule : rule_table()) {
    if (!equal_ascii_nocase(rule.number, number)) continue;
    texts.push_back({rule.number, rule.title, rule.wanted, rule.mend, rule.reference});
  }
  return texts;
}

std::string extended_key_usage_text(const std::vector<std::string>& oids) {
  struct Known {
    std::string_view oid;
    std::string_view name;
  };
  static constexpr Known kKnown[] = {
      {kServerAuth, "serverAuth"},
      {kClientAuth, "clientAuth"},
      {"1.3.6.1.5.5.7.3.3", "codeSigning"},
      {"1.3.6.1.5.5.7.3.4", "emailProtection"},
      {"1.3.6.1.5.5.7.3.8", "timeStamping"},
      {"1.3.6.1.5.5.7.3.9", "OCSPSigning"},
      {kAnyExtendedKeyUsage, "anyExtendedKeyUsage"},
  };
  std::string text;
  for (const std::string& oid : oids) {
    std::string name = printable(oid, 60);
    for (const Known& known : kKnown) {
      if (known.oid == oid) name = known.name;
    }
    text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

std::string key_description(const Certificate& certificate) {
  EVP_PKEY* key = X509_get0_pubkey(certificate.handle());
  if (key == nullptr) {
    take_openssl_errors();
    return "unreadable";
  }
  return PublicKey(key).describe();
}

}  // namespace ipm::pki
