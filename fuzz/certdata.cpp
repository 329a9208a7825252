// floors: trust pki base
// Any bytes as certdata.txt: either an error that names a line of the text, or a store whose
// bundle, with all its listings and comments, reads back as exactly the certificates that were
// chosen.
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include "base/error.h"
#include "trust/bundle.h"
#include "trust/certdata.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr ipm::TimePoint kNow{std::chrono::seconds(1'795'000'000)};
constexpr std::string_view kOrigin = "f";

void require_line(const ipm::Error& error, std::string_view text) {
  require(error.message() == ipm::Message::CertdataMalformed);
  const std::string_view happened = error.happened();
  constexpr std::string_view kBefore = "f, line ";
  require(happened.starts_with(kBefore));
  std::size_t line = 0;
  std::from_chars(happened.data() + kBefore.size(), happened.data() + happened.size(), line);
  const auto ends = std::ranges::count_if(text, [](char c) { return c == '\n' || c == '\r'; });
  require(line >= 1 && line <= static_cast<std::size_t>(ends) + 1);
}

void check_bundle(const ipm::trust::Certdata& data) {
  const auto all = ipm::trust::Selection::parse("ALL:ALL");
  const auto choice = ipm::trust::choose_roots(data, all, {}, kNow);
  ipm::trust::BundleStyle style;
  style.text = true;
  style.meta = true;
  std::string bundle;
  try {
    bundle = ipm::trust::write_bundle(choice, data, all, style, {"source", {}});
  } catch (const ipm::Error& error) {
    require(error.message() == ipm::Message::CertdataMalformed);
    return;  // A listing that poses as PEM.
  }
  require(ipm::trust::parse_distrusted(bundle, kOrigin).size() == data.distrusted.size());
  if (choice.roots.empty()) return;
  const auto anchors = ipm::trust::parse_anchors(bundle, kOrigin);
  require(anchors.size() == choice.roots.size());
  for (std::size_t i = 0; i < anchors.size(); ++i) {
    const auto& root = *choice.roots[i];
    require(anchors[i].certificate.digest() == root.digest);
    require(anchors[i].is_public);
    require(anchors[i].server_distrust_after == root.server_distrust_after);
    require(anchors[i].vouches_for_clients ==
            vouches(root.statements, ipm::trust::TrustPurpose::ClientAuth));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const auto certdata = ipm::trust::parse_certdata(text, kOrigin);
    require(!certdata.certificates.empty());
    check_bundle(certdata);
  } catch (const ipm::Error& error) {
    require_line(error, text);
  }
  return 0;
}
