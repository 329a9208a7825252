#include "output/ipp/ipp_driver.h"

#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "output/device_answers.h"
#include "output/ipp/cleaned.h"
#include "output/ipp/ipp_delivery.h"

namespace ipm::output {
namespace {

namespace asio = boost::asio;
using ipp::GroupTag;
using ipp::Operation;

class IppDriver final : public Driver {
 public:
  IppDriver(Uri device, DeviceSettings settings, const Environment& environment, Patience patience)
      : device_(std::move(device), std::move(settings), environment, patience) {}

  asio::awaitable<Result> deliver(const Assignment& assignment, Cancellation& cancellation,
                                  const Progress& progress) const override {
    const auto executor = co_await asio::this_coro::executor;
    IppDelivery delivery(device_, assignment, cancellation, progress, executor);
    co_return co_await delivery.run();
  }

  asio::awaitable<std::optional<DeviceDescription>> describe(
      Cancellation& cancellation) const override {
    const auto caller = co_await device_.make_caller();
    const Cancellation::Action action(cancellation, [&caller] { caller->abort(); });
    auto ask = device_.request(Operation::GetPrinterAttributes, "");
    ask.groups.front().add_keywords("requested-attributes", {"all", "media-col-database"});
    auto answer = co_await caller->ask(std::move(ask));
    if (answer.reply && !answer.successful()) {
      // Some know no groups of attributes.
      answer = co_await caller->ask(device_.request(Operation::GetPrinterAttributes, ""));
    }
    const auto* printer =
        answer.successful() ? answer.reply->find_group(GroupTag::Printer) : nullptr;
    if (printer == nullptr) {
      throw Error(Message::DeliveryFailed,
                  answer.successful()
                      ? fmt::format("{} tells nothing of itself", device_.uri().authority())
                      : words_of(answer, device_.uri()),
                  "a printer's attributes");
    }
    device_.keep(caller->habits());
    const auto able = capabilities_of(*answer.reply);
    if (able.known) device_.keep(able);
    co_return DeviceDescription{capabilities_among(*printer), state_among(*printer),
                                able.device_up};
  }

 private:
  IppDevice device_;
};

}  // namespace

std::unique_ptr<Driver> make_ipp_driver(const Uri& device, const DeviceSettings& settings,
                                        const Environment& environment, const Patience& patience) {
  if (device.scheme == "ipps") {
    // A host that no certificate could ever carry; over plain ipp none is asked for.
    static_cast<void>(ippclient::expected_peer(device.host));
    if (!environment.generation || !environment.generation()) {
      throw Error(Message::DeviceUriUnsupported,
                  fmt::format("{} needs TLS, and encryption is off here: there are no anchors to "
                              "judge its certificate by",
                              to_string(device)),
                  "[encryption] enabled = true in ipmd.toml",
                  "ipm tls setup does all that is needed");
    }
  } else if (!settings.credentials.empty()) {
    throw Error(Message::DeviceUriUnsupported,
                fmt::format("{} would send a password in plaintext", to_string(device)),
                "an ipps:// address for a device with credentials");
  }
  return std::make_unique<IppDriver>(device, settings, environment, patience);
}

}  // namespace ipm::output
