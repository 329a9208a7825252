// ipm ca list: what the authority issued.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "authority/authority.h"
#include "base/text.h"
#include "ipm/commands.h"
#include "ipm/common/describe.h"
#include "ipm/common/output.h"

namespace ipm::app {
namespace {

constexpr std::size_t kNameWidthMax = 40;

nlohmann::json entry_json(const authority::Entry& entry, TimePoint now) {
  nlohmann::json document = {{"serial", entry.serial},
                             {"name", entry.name},
                             {"names", entry.names},
                             {"role", pki::role_name(entry.role)},
                             {"issued", to_rfc3339(entry.recorded)},
                             {"state", authority::state_name(entry.state(now))},
                             {"fingerprint_sha256", entry.fingerprint}};
  if (entry.expires) document["expires"] = to_rfc3339(*entry.expires);
  if (entry.revoked) {
    document["revoked"] = to_rfc3339(*entry.revoked);
    document["reason"] = entry.reason;
  }
  return document;
}

std::string day(TimePoint time) {
  return to_rfc3339(time).substr(0, 10);
}

// Those that a holder must renew within `days`: valid, without a successor of the same name and role
// that lasts longer.
bool is_due(const authority::Entry& entry, const std::vector<authority::Entry>& all, TimePoint now,
            int days) {
  if (entry.state(now) != authority::State::Valid) return false;
  if (*entry.expires - now >= std::chrono::days{days}) return false;
  return std::ranges::none_of(all, [&](const authority::Entry& other) {
    return other.state(now) == authority::State::Valid && *other.expires > *entry.expires &&
           other.role == entry.role && other.name == entry.name;
  });
}

int list(const Context& context, std::optional<int> due) {
  const auto authority = authority::Authority::open(context.places().authority(), {});
  auto entries = authority.inventory().all();
  if (due) {
    const auto all = entries;
    std::erase_if(entries, [&](const authority::Entry& entry) {
      return !is_due(entry, all, context.now(), *due);
    });
  }
  if (context.json) {
    auto document = nlohmann::json::array();
    for (const auto& entry : entries) document.push_back(entry_json(entry, context.now()));
    Context::print_json(document);
    return due && !entries.empty() ? kExpiresSoon : kOk;
  }
  if (entries.empty() && due) {
    context.say(fmt::format("Nothing expires within {} days.", *due));
    return kOk;
  }
  if (entries.empty()) {
    context.say("Nothing has been issued yet.");
    context.next("ipm cert issue server");
    return kOk;
  }
  std::size_t width = 4;
  for (const auto& entry : entries) width = std::max(width, entry.name.size());
  width = std::min(width, kNameWidthMax);
  print_out("{:<32}  {:<{}}  {:<13}  {:<10}  {:<10}  {}\n", "SERIAL", "NAME", width, "ROLE",
            "ISSUED", "EXPIRES", "STATE");
  for (const auto& entry : entries) {
    const auto state = entry.state(context.now());
    print_out("{:<32}  {:<{}}  {:<13}  {:<10}  {:<10}  {}{}\n", entry.serial,
              printable(entry.name, 80), width, pki::role_name(entry.role), day(entry.recorded),
              entry.expires ? day(*entry.expires) : "-", authority::state_name(state),
              state == authority::State::Revoked ? " (" + entry.reason + ")" : "");
  }
  if (due) {
    context.next("ipm cert renew STEM    (for each of them, by the STEM of its files)");
    return kExpiresSoon;
  }
  return kOk;
}

}  // namespace

void add_ca_list(CLI::App& noun, Context& context) {
  CLI::App& command =
      add_command(noun, "list", "List every certificate that it issued",
                  "  ipm ca list\n"
                  "  ipm ca list --due 31      what expires within 31 days, and has "
                  "no successor\n"
                  "Exit: 0 done, 4 something is due (with --due).");
  auto due = std::make_shared<std::optional<int>>();
  command.add_option("--due", *due, "Only what expires within DAYS and has not been renewed")
      ->type_name("DAYS")
      ->check(CLI::Range(0, 36'500));
  on_run(command, context, [&context, due] { return list(context, *due); });
}

}  // namespace ipm::app
