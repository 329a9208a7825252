#include "ipmd/trust_report.h"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "base/files.h"
#include "base/text.h"

namespace ipm::app {
namespace {

constexpr std::size_t kSourceBytesMax = 200;  // escaped it is still a text of IPP

std::int32_t number(std::size_t count) {
  return static_cast<std::int32_t>(std::min<std::size_t>(count, INT32_MAX));
}

}  // namespace

TrustReport::TrustReport(const Places& places) : file_(trust::store_record_file(places)) {
  look();
}

void TrustReport::look() noexcept {
  try {
    auto now = os::stamp({file_});
    if (now == seen_) return;
    const auto text = find_file(file_);
    auto record = text ? trust::StoreRecord::find(*text) : std::nullopt;
    record_.store(record ? std::make_shared<const trust::StoreRecord>(*std::move(record))
                         : nullptr);
    seen_ = std::move(now);
  } catch (const std::exception&) {
    record_.store(nullptr);  // What cannot be read is told of as if it were not there.
  }
}

void TrustReport::describe(ipp::AttributeList& system, const tls::Generation& generation) const {
  const auto& anchors = generation.server_verifier().anchors();
  const auto is_public = [](const trust::Anchor& anchor) { return anchor.is_public; };
  const auto public_count = static_cast<std::size_t>(std::ranges::count_if(anchors, is_public));
  system.add_integer("imprimatur-trust-public", number(public_count));
  system.add_integer("imprimatur-trust-private", number(anchors.size() - public_count));
  system.add_text("imprimatur-trust-sha256", to_hex(generation.anchors_digest()));
  const auto record = record_.load();
  if (!record || !record->speaks_of(generation.anchors_digest())) return;
  const TimePoint now = generation.now();
  system.add_text("imprimatur-trust-source", printable(record->source, kSourceBytesMax));
  system.add_text("imprimatur-trust-source-sha256", printable(record->source_sha256, 64));
  system.add_date_time("imprimatur-trust-installed", record->installed);
  const auto age = std::max<std::int64_t>(record->age(now).count(), 0);
  system.add_integer("imprimatur-trust-age-days", number(static_cast<std::size_t>(age)));
  system.add_boolean("imprimatur-trust-old", record->is_old(now));
}

}  // namespace ipm::app
