// ipm ca revoke | crl: taking back what was issued, and saying so in a signed list (B6).
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "authority/authority.h"
#include "base/files.h"
#include "base/text.h"
#include "ipm/cert/identity.h"
#include "ipm/cert/passphrase.h"
#include "ipm/commands.h"
#include "ipm/common/installed.h"
#include "ipm/trust/anchors_file.h"
#include "pki/file_kind.h"

namespace ipm::app {
namespace {

namespace fs = std::filesystem;

struct RevokeOptions {
  std::string which;
  std::string reason = "unspecified";
  bool all = false;
  std::optional<fs::path> passphrase_file;
};

struct ListOptions {
  std::optional<int> days;
  bool if_due = false;
  std::optional<fs::path> passphrase_file;
};

// A certificate file is taken for the serial number in it, if this authority's key signed it; one that
// the inventory lacks (lost, or an older copy) is taken into it.
std::vector<authority::Entry> find_entries(const Context& context, authority::Authority& authority,
                                           const std::string& which) {
  std::error_code ignored;
  if (!fs::is_regular_file(which, ignored)) return authority.named(which);
  const auto bytes = read_file(which);
  // A file may happen to be called as somebody is.
  if (pki::file_kind(bytes) != pki::FileKind::Certificate) {
    try {
      return authority.named(which);
    } catch (const Error&) {
      // Then the file was meant; what is wrong with it is told.
    }
  }
  const auto leaf = pki::Certificate::parse_all(bytes, which).front();
  if (authority.take_in(leaf, context.now())) {
    context.say(fmt::format("The inventory did not know of {}; its signature is this authority's",
                            leaf.serial()));
  }
  return {authority.inventory().find(leaf.serial()).value()};
}

std::vector<authority::Entry> chosen(const Context& context, authority::Authority& authority,
                                     const RevokeOptions& options) {
  auto entries = find_entries(context, authority, options.which);
  std::erase_if(entries, [](const authority::Entry& entry) { return entry.revoked.has_value(); });
  if (entries.size() > 1 && !options.all) {
    std::string serials;
    for (const auto& entry : entries) serials += (serials.empty() ? "" : ", ") + entry.serial;
    throw Error(Message::UsageWrong,
                fmt::format("{} certificates are named {}: {}", entries.size(),
                            printable(options.which, 80), serials),
                "the serial number of one of them", "give the serial number, or --all");
  }
  return entries;
}

// The new list, and where it was put.
struct Installed {
  pki::Crl list;
  std::vector<fs::path> files;
};

Installed sign_and_install(const Context& context, authority::Authority& authority,
                           std::optional<std::chrono::days> validity) {
  auto list = authority.sign_list(context.now(), validity, earlier_lists(context, authority));
  auto files = install_list(context, authority);
  files.insert(files.begin(), authority.list_file());
  return {std::move(list), std::move(files)};
}

nlohmann::json list_json(const Installed& installed) {
  const auto& list = installed.list;
  auto files = nlohmann::json::array();
  for (const auto& file : installed.files) files.push_back(file.string());
  return {{"number", list.number().value_or("")},
          {"entries", list.size()},
          {"this_update", to_rfc3339(list.this_update())},
          {"next_update", to_rfc3339(*list.next_update())},
          {"files", std::move(files)}};
}

void say_list(const Context& context, const Installed& installed) {
  const auto& list = installed.list;
  std::string files;
  for (const auto& file : installed.files) files += (files.empty() ? "" : " and ") + file.string();
  context.say(fmt::format("Wrote {}", files));
  context.say(fmt::format("  list         number {}, {} revoked", list.number().value_or("-"),
                          list.size()));
  context.say(fmt::format("  next due     {} (after that it is out of date: sign a new one before)",
                          to_certificate_time(*list.next_update())));
}

int revoke(const Context& context, const RevokeOptions& options) {
  auto authority = open_authority(context, options.passphrase_file);
  const auto entries = chosen(context, authority, options);
  // Before anything changes: without a list nobody would hear of it.
  authority.require_signable(earlier_lists(context, authority));
  authority.unlock();
  auto revoked = nlohmann::json::array();
  for (const auto& entry : entries) {
    authority.revoke(entry.serial, options.reason, context.now());
    revoked.push_back({{"serial", entry.serial}, {"name", entry.name}, {"reason", options.reason}});
    context.say(fmt::format("Revoked {} ({}, {}): {}", entry.serial, printable(entry.name, 80),
                            pki::role_name(entry.role), options.reason));
  }
  if (entries.empty()) context.say("It was revoked already; here is the list again.");
  const auto installed = sign_and_install(context, authority, std::nullopt);
  if (context.json) {
    Context::print_json({{"revoked", revoked}, {"list", list_json(installed)}});
    return kOk;
  }
  say_list(context, installed);
  context.next(
      "ipm ca crl --if-due    (once a day, so that the list stays current; copy it to every "
      "server)");
  return kOk;
}

// Half of its time has gone by, or somebody who should read it has another one or none, or the server
// remembers one that is not older: that of a newer copy of the authority's folder.
bool is_due(const Context& context, const authority::Authority& authority) {
  const TimePoint now = context.now();
  const auto bytes = find_file(authority.list_file(), kBundleFileBytesMax);
  if (!bytes) return true;
  const auto list = pki::Crl::parse(*bytes, authority.list_file().string());
  const auto copies = std::ranges::count_if(
      installed_lists(context, authority),
      [&](const authority::SignedList& one) { return one.list.der() == list.der(); });
  const auto readers = installed_files(context).lists.size();
  if (static_cast<std::size_t>(copies) < readers + 1) return true;
  const auto is_of_another_copy = [&](const authority::SignedList& one) {
    return authority.has_signed(one.list) && one.list.der() != list.der() &&
           one.list.this_update() >= list.this_update();
  };
  if (std::ranges::any_of(remembered_lists(context), is_of_another_copy)) return true;
  const auto next = list.next_update();
  return !next || now >= list.this_update() + (*next - list.this_update()) / 2;
}

int sign_list(const Context& context, const ListOptions& options) {
  auto authority = open_authority(context, options.passphrase_file);
  if (options.if_due && !is_due(context, authority)) {
    context.say("The list is in the first half of its time; nothing was signed.");
    if (context.json) Context::print_json({{"signed", false}});
    return kOk;
  }
  const auto installed = sign_and_install(
      context, authority,
      options.days ? std::optional(std::chrono::days{*options.days}) : std::nullopt);
  if (context.json) {
    auto document = list_json(installed);
    document["signed"] = true;
    Context::print_json(document);
    return kOk;
  }
  say_list(context, installed);
  context.next("ipm ca crl --if-due    (once a day; copy the list to every server)");
  return kOk;
}

}  // namespace

void add_ca_revoke(CLI::App& noun, Context& context) {
  CLI::App& command = add_command(
      noun, "revoke", "Take a certificate back, and sign and install the list that says so",
      "  ipm ca revoke alice --reason keyCompromise\n"
      "  ipm ca revoke 3F1A0C… --reason superseded\n"
      "  ipm ca revoke ./alice-cert.pem");
  auto options = std::make_shared<RevokeOptions>();
  command.add_option("WHICH", options->which, "A serial number, a name, or a certificate file")
      ->required();
  command
      .add_option("--reason", options->reason,
                  fmt::format("{}", fmt::join(authority::revocation_reasons(), ", ")))
      ->type_name("REASON");
  command.add_flag("--all", options->all, "All certificates of that name");
  add_passphrase_option(command, options->passphrase_file);
  on_run(command, context, [&context, options] { return revoke(context, *options); });
}

void add_ca_crl(CLI::App& noun, Context& context) {
  CLI::App& command = add_command(noun, "crl", "Sign and install the list of revoked certificates",
                                  "  ipm ca crl\n  ipm ca crl --days 30\n  ipm ca crl --if-due");
  auto options = std::make_shared<ListOptions>();
  command.add_option("--days", options->days,
                     "Days until the next list is due; as the last one when not given, at first 7");
  command.add_flag("--if-due", options->if_due,
                   "Only when the newest list is past half of its time: for a daily timer");
  add_passphrase_option(command, options->passphrase_file);
  on_run(command, context, [&context, options] { return sign_list(context, *options); });
}

}  // namespace ipm::app
