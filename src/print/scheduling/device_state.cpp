#include "print/scheduling/device_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "print/limits.h"

namespace ipm::print {
namespace {

void be_away(DeviceState& state, const std::string& text, DeviceState::Time now) {
  if (state.reasons.empty()) state.reasons = {"connecting-to-device"};
  ++state.failures;
  state.pause = longer(state.pause);
  state.not_before = now + state.pause;
  state.message = fmt::format("{}; next try in {} s", text, (state.pause.count() + 999) / 1000);
}

}  // namespace

std::chrono::milliseconds longer(std::chrono::milliseconds pause) {
  return pause.count() == 0 ? kRetryPauseFirst : std::min(pause * 2, kRetryPauseMax);
}

DeviceState after_delivery(DeviceState state, const output::Result& result, DeviceState::Time now) {
  state.job = 0;
  state.text.clear();
  state.unwritten = false;
  state.reasons = result.printer_reasons;
  state.message = result.state_text;
  if (result.outcome == output::Outcome::DeviceAway) {
    be_away(state, result.text, now);
  } else {
    state.failures = 0;
    state.pause = std::chrono::milliseconds{0};
    state.not_before = {};
  }
  return state;
}

DeviceState after_absence(DeviceState state, std::string text, DeviceState::Time now) {
  state.reasons.clear();
  be_away(state, text, now);
  return state;
}

std::chrono::milliseconds job_pause(int attempts) {
  std::chrono::milliseconds pause{0};
  for (int at = 0; at < attempts && pause < kRetryPauseMax; ++at) pause = longer(pause);
  return pause;
}

}  // namespace ipm::print
