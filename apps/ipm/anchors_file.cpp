#include "ipm/anchors_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "ipm/trust_store.h"

namespace ipm::app {

std::string install_anchor(const Context& context, const pki::Certificate& authority,
                           const std::optional<pki::Certificate>& replaced) {
  const auto file = context.places().anchors();
  finish_interrupted(file.parent_path());
  const auto lock = lock_store(context);
  if (const auto bytes = find_file(file, kBundleFileBytesMax)) {
    const auto anchors = pki::Certificate::parse_all(*bytes, file.string());
    if (std::find(anchors.begin(), anchors.end(), authority) != anchors.end()) {
      return fmt::format("{} holds it already", file.string());
    }
    if (!(replaced && anchors.size() == 1 && anchors.front() == *replaced)) {
      return fmt::format("{} is there with other anchors and was left alone", file.string());
    }
  }
  write_file({file, authority.pem(), kPublicMode});
  return fmt::format("Wrote {} (the anchor that clients and servers of this machine trust)",
                     file.string());
}

void install_list(const Context& context, const pki::Crl& list) {
  const auto file = context.places().crl();
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
  write_file({file, lists, kPublicMode});
}

}  // namespace ipm::app
