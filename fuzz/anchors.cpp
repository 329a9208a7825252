// floors: trust pki base
// Any bytes as ca-cert.pem: either an error of its own kind, or anchors that say the same when they
// are written and read again.
#include <cstdlib>
#include <string_view>

#include "base/error.h"
#include "trust/anchors.h"
#include "trust/bundle.h"
#include "trust/public_roots.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check_again(const ipm::trust::Anchor& anchor) {
  const auto again = ipm::trust::parse_anchors(ipm::trust::write_anchor(anchor), "again");
  require(again.size() == 1);
  require(again[0].certificate == anchor.certificate);
  require(again[0].vouches_for_servers == anchor.vouches_for_servers);
  require(again[0].vouches_for_clients == anchor.vouches_for_clients);
  require(again[0].server_distrust_after == anchor.server_distrust_after);
  require(again[0].is_public == anchor.is_public);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const auto anchors = ipm::trust::parse_anchors(text, "f");
    require(!anchors.empty());
    for (const auto& anchor : anchors) check_again(anchor);
    // Every certificate that is trusted is also seen by the quick look for public roots.
    ipm::trust::PublicRoots seen;
    seen.add(ipm::trust::certificate_digests(text));
    for (const auto& anchor : anchors) require(seen.contains(anchor.certificate.digest()));
  } catch (const ipm::Error& error) {
    require(error.message() == ipm::Message::AnchorsUnusable);
  }
  try {
    ipm::trust::parse_distrusted(text, "f");
  } catch (const ipm::Error& error) {
    require(error.message() == ipm::Message::AnchorsUnusable);
  }
  return 0;
}
