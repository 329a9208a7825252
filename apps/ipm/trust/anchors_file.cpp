#include "ipm/trust/anchors_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/files.h"
#include "ipm/common/installed.h"
#include "ipm/trust/trust_store.h"
#include "trust/anchors.h"

namespace ipm::app {
namespace {

namespace fs = std::filesystem;

std::string install_anchor_in(const Context& context, const fs::path& file,
                              const pki::Certificate& authority,
                              const std::optional<pki::Certificate>& replaced) {
  finish_interrupted(file.parent_path());
  const auto present = read_present_store(file);
  const bool is_replaced = replaced && present.anchors.size() == 1 && present.holds(*replaced);
  if (present.text && !is_replaced) {
    const std::array anchors{trust::Anchor{authority, true, true, {}, false, {}}};
    return add_anchors(context, file, anchors)
               ? fmt::format("Added its certificate to {}; the anchors there stay", file.string())
               : fmt::format("{} holds its certificate already", file.string());
  }
  write_file({file, authority.pem(), os::Privacy::Everyone, true});
  return fmt::format("Wrote {} (the anchor that clients and servers of this machine trust)",
                     file.string());
}

}  // namespace

tls::FoundLists lists_in(const Context& context, const fs::path& file) {
  const auto bytes = find_file(file, kBundleFileBytesMax);
  if (!bytes) return {};
  try {
    return tls::read_lists(*bytes, file.string());
  } catch (const Error& error) {
    if (context.force) return {};
    throw Error(
        error.message(), error.happened(), "revocation lists, or no file there",
        fmt::format("set it aside, and look what it was: mv {0} {0}.broken; or add --force to "
                    "replace it",
                    file.string()));
  }
}

std::string install_anchor(const Context& context, const pki::Certificate& authority,
                           const std::optional<pki::Certificate>& replaced) {
  const auto lock = lock_store(context);
  const auto installed = installed_files(context);
  auto files = installed.anchors;
  for (const auto& file : installed.client_anchors) {
    if (std::ranges::find(files, file) == files.end()) files.push_back(file);
  }
  std::vector<std::string> said;
  for (const auto& file : files) {
    said.push_back(install_anchor_in(context, file, authority, replaced));
  }
  return fmt::format("{}", fmt::join(said, "\n"));
}

std::vector<authority::SignedList> installed_lists(const Context& context,
                                                   const authority::Authority& authority) {
  std::vector<authority::SignedList> all;
  auto files = installed_files(context).lists;
  files.insert(files.begin(), authority.list_file());
  for (const auto& file : files) {
    for (auto& list : lists_in(context, file).lists) all.push_back({std::move(list), file});
  }
  return all;
}

std::vector<authority::SignedList> remembered_lists(const Context& context) {
  const auto memory = context.places().lists_in_force();
  std::vector<authority::SignedList> all;
  try {
    for (auto& list : tls::remembered_lists(memory)) all.push_back({std::move(list), memory});
  } catch (const Error& error) {
    if (error.message() == Message::FileUnreadable) throw;
    // The server says what to do about it; the inventory and the files here still know.
    Context::warn(fmt::format("{} {}; it is not looked at", row(Message::ListMemoryUnusable).number,
                              error.happened()));
  }
  return all;
}

std::vector<authority::SignedList> earlier_lists(const Context& context,
                                                 const authority::Authority& authority) {
  auto all = installed_lists(context, authority);
  for (auto& list : remembered_lists(context)) all.push_back(std::move(list));
  return all;
}

std::vector<fs::path> install_list(const Context& context, const authority::Authority& authority) {
  const auto lock = lock_store(context);
  const auto newest = authority.list_file();
  const auto list = pki::Crl::parse(read_file(newest, kBundleFileBytesMax), newest.string());
  const auto files = installed_files(context).lists;
  for (const auto& file : files) {
    const auto present = lists_in(context, file);
    std::string lists;
    for (const auto& withdrawal : present.withdrawn) lists += withdrawal.line + "\n";
    lists += list.pem();
    for (const auto& other : present.lists) {
      if (!authority.has_signed(other)) lists += other.pem();
    }
    write_file({file, lists, os::Privacy::Everyone, true});
  }
  return files;
}

}  // namespace ipm::app
