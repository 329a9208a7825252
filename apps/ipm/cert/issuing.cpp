#include "ipm/cert/issuing.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "ipm/tls/machine.h"

namespace ipm::app {

pki::Names parse_names(const std::vector<std::string>& texts) {
  pki::Names names;
  for (const auto& text : texts) names.add(pki::Names::parse(text));
  return names;
}

void complete(const Context& context, const authority::Authority& authority, IssueWish& wish) {
  const bool server = wish.role != pki::Role::Client;
  const bool wants_names = server && wish.names.empty() && !wish.address_only &&
                           (wish.for_this_machine || wish.name.empty());
  if (!wish.name.empty() && !wants_names) return;
  const Machine machine = find_machine();
  if (wish.name.empty()) {
    wish.name = machine.name.text();
    for (const auto& remark : machine.remarks) context.say(remark);
    context.say(fmt::format("This computer is {}", machine.name.text()));
  }
  if (!wants_names) return;
  wish.names = machine.names;
  const auto name = pki::DnsName::find(wish.name);
  if (name && *name != machine.name) {
    // Given another name: the one that was found is an alias like the others.
    pki::Names others;
    others.add(*name);
    others.add(wish.names);
    wish.names = others;
  }
  context.say(fmt::format("Its names and addresses, as found (--names gives others): {}",
                          wish.names.text()));
  wish.names = within_limits(context, authority, wish.names);
}

Issued issue_identity(const Context& context, authority::Authority& authority,
                      const IssueWish& wish) {
  pki::LeafOrder order;
  order.role = wish.role;
  order.common_name = wish.name;
  order.names = wish.names;
  order.now = context.now();
  order.validity = wish.days;
  order.address_only = wish.address_only;
  if (const auto complaint = pki::common_name_complaint(wish.role, wish.name, wish.address_only)) {
    throw Error(
        Message::NameInvalid,
        fmt::format("the name \"{}\" {}", printable(wish.name, 100), *complaint),
        wish.role == pki::Role::Client
            ? "a computer's full DNS name, or a user's name such as alice"
            : "the full DNS name (ipmsrv.example.com) or *.DOMAIN",
        wish.role != pki::Role::Client && pki::IpAddress::find(wish.name)
            ? fmt::format("ipm cert issue server --address {}    (a computer without a name)",
                          wish.name)
            : "");
  }
  if (pki::validity_of(order, authority.certificate()).shortened) {
    context.say(fmt::format("The authority itself ends on {}: the certificate ends with it",
                            to_certificate_time(authority.certificate().not_after())));
  }
  authority.unlock();
  auto key = pki::PrivateKey::generate(wish.key);
  auto certificate = authority.issue(key.public_key(), order);
  return {std::move(key), std::move(certificate)};
}

}  // namespace ipm::app
