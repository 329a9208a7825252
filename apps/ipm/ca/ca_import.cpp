// ipm ca import: what an authority signed and its inventory does not know of: a lost inventory, an older
// copy, another program that signed with its key.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <vector>

#include "authority/authority.h"
#include "base/files.h"
#include "base/text.h"
#include "ipm/cert/identity.h"
#include "ipm/commands.h"
#include "pki/file_kind.h"
#include "tls/lists_in_force.h"

namespace ipm::app {
namespace {

namespace fs = std::filesystem;

struct Taken {
  std::size_t certificates = 0;
  std::size_t lists = 0;
  std::size_t known = 0;
};

void take_in(const Context& context, authority::Authority& authority, const fs::path& file,
             Taken& taken) {
  const auto bytes = read_file(file, kBundleFileBytesMax);
  if (pki::file_kind(bytes) == pki::FileKind::Crl) {
    auto lists = tls::read_lists(bytes, file.string()).lists;
    // A file of lists holds those of other CAs too; one without any of ours is a mistake.
    const auto is_ours = [&](const pki::Crl& list) { return authority.has_signed(list); };
    const bool some = std::ranges::any_of(lists, is_ours);
    for (auto& list : lists) {
      if (some && !is_ours(list)) continue;
      const bool changed = authority.take_in({std::move(list), file}, context.now());
      ++(changed ? taken.lists : taken.known);
    }
    return;
  }
  // Of a chain the first one is what was issued.
  const auto leaf = pki::Certificate::parse_all(bytes, file.string()).front();
  ++(authority.take_in(leaf, context.now()) ? taken.certificates : taken.known);
}

int import(const Context& context, const std::vector<fs::path>& files) {
  auto authority = open_authority(context, std::nullopt);
  Taken taken;
  for (const auto& file : files) take_in(context, authority, file, taken);
  if (context.json) {
    Context::print_json({{"certificates", taken.certificates},
                         {"lists", taken.lists},
                         {"known_before", taken.known}});
    return kOk;
  }
  context.say(fmt::format("Taken into {}: {} certificate{} and {} list{}; {} known before",
                          (authority.folder() / "inventory.db").string(), taken.certificates,
                          taken.certificates == 1 ? "" : "s", taken.lists,
                          taken.lists == 1 ? "" : "s", taken.known));
  context.next(taken.lists > 0 ? "ipm ca crl" : "ipm ca list");
  return kOk;
}

}  // namespace

void add_ca_import(CLI::App& noun, Context& context) {
  CLI::App& command = add_command(
      noun, "import", "Take certificates and lists that the authority signed into its inventory",
      "  ipm ca import /etc/ipm/crl.pem alice-cert.pem bob-cert.pem      after the inventory was "
      "lost\n"
      "  ipm ca import lists-in-force.pem      a server's memory of what is revoked\n"
      "Each must bear the signature of this authority's key.\n"
      "Exit: 0 done, 3 one does not bear it.");
  auto files = std::make_shared<std::vector<fs::path>>();
  command.add_option("FILE", *files, "Certificates and revocation lists, PEM")->required();
  on_run(command, context, [&context, files] { return import(context, *files); });
}

}  // namespace ipm::app
