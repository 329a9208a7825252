#include "output/raw/raw_verdict.h"

#include <fmt/format.h>

namespace ipm::output {

Result judge_raw(const RawFacts& facts) {
  const bool all = facts.acknowledged >= facts.wanted;
  const std::string part = facts.acknowledged == 0
                               ? fmt::format("{} took nothing", facts.device)
                               : fmt::format("{} took {} of {} bytes, which may be printed",
                                             facts.device, facts.acknowledged, facts.wanted);
  Result result;
  result.may_be_there = facts.acknowledged > 0;
  if (facts.canceled) {
    result.outcome = Outcome::Canceled;
    result.text = result.may_be_there ? "canceled; " + part : "canceled";
  } else if (all && facts.end == RawEnd::Orderly) {
    result.outcome = Outcome::Delivered;
    result.text = fmt::format("sent to {}", facts.device);
    result.may_be_there = false;
  } else if (all && facts.end == RawEnd::Open && facts.stopped && facts.wait_for_end) {
    result.outcome = Outcome::Doubtful;
    result.text =
        fmt::format("{} has all {} bytes; this server was stopped before it ended the connection",
                    facts.device, facts.wanted);
  } else if (all && facts.end == RawEnd::Open) {
    result.outcome = Outcome::Sent;
    result.text = fmt::format("sent to {}, not confirmed", facts.device);
    result.may_be_there = false;
  } else if (all) {
    result.outcome = Outcome::Doubtful;
    result.text = fmt::format("{} had taken all {} bytes, then the connection broke: {}",
                              facts.device, facts.wanted, facts.why);
  } else if (facts.stopped) {
    result.outcome = Outcome::Left;
    result.text = result.may_be_there ? "this server was stopped; " + part
                                      : "left for the next start of this server";
  } else {
    result.outcome = result.may_be_there ? Outcome::JobFailed : Outcome::DeviceAway;
    result.text = fmt::format(
        "{}; {}", part,
        facts.end == RawEnd::Broken ? facts.why : "it ended the connection before the end");
    result.printer_reasons = {"connecting-to-device"};
  }
  return result;
}

}  // namespace ipm::output
