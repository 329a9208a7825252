#include "ipm/trust/anchors_file.h"

#include <fmt/format.h>

#include <array>

#include "base/error.h"
#include "base/files.h"
#include "ipm/trust/trust_store.h"
#include "pki/crl.h"
#include "trust/anchors.h"

namespace ipm::app {

std::string install_anchor(const Context& context, const pki::Certificate& authority,
                           const std::optional<pki::Certificate>& replaced) {
  const auto file = context.places().anchors();
  finish_interrupted(file.parent_path());
  const auto lock = lock_store(context);
  const auto present = read_present_store(context);
  const bool is_replaced = replaced && present.anchors.size() == 1 && present.holds(*replaced);
  if (present.text && !is_replaced) {
    const std::array anchors{trust::Anchor{authority, true, true, {}, false, {}}};
    return add_anchors(context, anchors)
               ? fmt::format("Added its certificate to {}; the anchors there stay", file.string())
               : fmt::format("{} holds its certificate already", file.string());
  }
  write_file({file, authority.pem(), os::Privacy::Everyone});
  return fmt::format("Wrote {} (the anchor that clients and servers of this machine trust)",
                     file.string());
}

void install_list(const Context& context, const std::filesystem::path& newest) {
  const auto file = context.places().crl();
  const auto lock = lock_store(context);
  const auto list = pki::Crl::parse(read_file(newest, kBundleFileBytesMax), newest.string());
  std::string lists = list.pem();
  if (const auto bytes = find_file(file, kBundleFileBytesMax)) {
    try {
      for (const auto& other : pki::Crl::parse_all(*bytes, file.string())) {
        if (other.issuer_der() != list.issuer_der()) lists += other.pem();
      }
    } catch (const Error& error) {
      if (!context.force) {
        throw Error(error.message(), error.happened(), "revocation lists, or no file there",
                    "remove the file, or add --force to replace it");
      }
    }
  }
  write_file({file, lists, os::Privacy::Everyone});
}

}  // namespace ipm::app
