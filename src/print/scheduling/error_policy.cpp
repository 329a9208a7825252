#include "print/scheduling/error_policy.h"

#include <array>

namespace ipm::print {
namespace {

constexpr std::array<std::string_view, 4> kFailures = {"retry", "hold-job", "abort-job",
                                                       "stop-printer"};
constexpr std::array<std::string_view, 2> kDoubts = {"hold", "again"};

template <class Value, std::size_t count>
std::optional<Value> find(const std::array<std::string_view, count>& words, std::string_view text) {
  for (std::size_t at = 0; at < count; ++at) {
    if (words[at] == text) return static_cast<Value>(at);
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_text(OnFailure failure) {
  return kFailures.at(static_cast<std::size_t>(failure));
}

std::string_view to_text(OnDoubt doubt) {
  return kDoubts.at(static_cast<std::size_t>(doubt));
}

std::optional<OnFailure> find_on_failure(std::string_view text) {
  return find<OnFailure>(kFailures, text);
}

std::optional<OnDoubt> find_on_doubt(std::string_view text) {
  return find<OnDoubt>(kDoubts, text);
}

}  // namespace ipm::print
