#include "output/ipp/ipp_device.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "base/text.h"
#include "ipp/limits.h"
#include "os/clock.h"
#include "output/blocking.h"

namespace ipm::output {
namespace asio = boost::asio;
using ipp::GroupTag;
using ipp::Operation;

std::uint64_t seconds_now() {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(os::wall_time().time_since_epoch()).count());
}

std::uint64_t started_at(std::optional<std::int32_t> up_time) {
  if (!up_time || *up_time <= 0) return 0;
  // Some tell the seconds since 1970, by a clock that may be ahead of ours.
  const auto up = static_cast<std::uint64_t>(*up_time);
  const auto now = seconds_now();
  return now - std::min(up, now);
}

Capabilities capabilities_of(const ipp::Message& reply) {
  Capabilities able;
  const auto* printer = reply.find_group(GroupTag::Printer);
  if (printer == nullptr) return able;
  const auto up_time = printer->find_integer("printer-up-time");
  able.device_up = started_at(up_time);
  able.up_time = std::max(up_time.value_or(0), 0);
  const auto operations = printer->find_all_integers("operations-supported");
  able.known = !operations.empty();
  if (!able.known) return able;
  const auto can = [&](Operation operation) {
    return std::find(operations.begin(), operations.end(), static_cast<std::int32_t>(operation)) !=
           operations.end();
  };
  able.create_job = can(Operation::CreateJob) && can(Operation::SendDocument);
  able.get_jobs = can(Operation::GetJobs);
  able.several_documents =
      able.create_job && printer->find_boolean("multiple-document-jobs-supported").value_or(false);
  const auto copies = printer->find_range("copies-supported");
  able.copies_max = copies ? std::max(copies->upper, 1) : 1;
  able.pin = printer->find_integer("job-password-supported").value_or(0) > 0;
  return able;
}

std::vector<std::string> reasons_of(const ipp::AttributeList& list, std::string_view name) {
  std::vector<std::string> reasons;
  for (const auto reason : list.find_all_text(name)) {
    if (reason != "none" && reasons.size() < kReasonsMax)
      reasons.emplace_back(printable(reason, kReasonBytesMax));
  }
  return reasons;
}

bool JobView::has_reason(std::string_view reason) const {
  return std::find(reasons.begin(), reasons.end(), reason) != reasons.end();
}

bool JobView::is_incoming() const {
  if (ipp::is_terminal(state)) return false;
  return has_reason("job-incoming") || has_reason("job-data-insufficient") || documents == 0;
}

bool JobView::is_canceled_by_person() const {
  return has_reason("job-canceled-at-device") || has_reason("job-canceled-by-operator");
}

bool JobView::is_told() const {
  return state >= ipp::JobState::Pending && state <= ipp::JobState::Completed;
}

JobView view_of(const ipp::Group& job) {
  JobView view;
  view.id = job.find_integer("job-id").value_or(0);
  view.state = static_cast<ipp::JobState>(job.find_integer("job-state").value_or(0));
  view.reasons = reasons_of(job, "job-state-reasons");
  view.message = printable(job.find_text("job-state-message").value_or(""), kDeviceWordsBytesMax);
  view.impressions = std::max(job.find_integer("job-impressions-completed").value_or(0), 0);
  view.documents = job.find_integer("number-of-documents");
  if (const auto name = job.find_text("job-name")) view.name = std::string(*name);
  view.user = std::string(job.find_text("job-originating-user-name").value_or(""));
  view.created = job.find_integer("time-at-creation");
  view.up_time = job.find_integer("job-printer-up-time");
  return view;
}

IppDevice::IppDevice(Uri uri, DeviceSettings settings, Environment environment, Patience patience)
    : uri_(std::move(uri)),
      settings_(std::move(settings)),
      environment_(std::move(environment)),
      patience_(patience) {}

asio::awaitable<std::unique_ptr<ippclient::Caller>> IppDevice::make_caller() const {
  ippclient::CallerOptions options{uri_};
  options.generation = environment_.generation;
  options.limits.dial.wait = patience_.connect;
  options.network = environment_.network;
  options.limits.handshake_wait = patience_.connect;
  options.limits.write_wait = patience_.answer;
  options.limits.response_wait = patience_.answer;
  options.limits.dial.keep_alive = true;
  if (!settings_.credentials.empty()) {
    auto read = [file = settings_.credentials] { return ippclient::read_credentials(file); };
    options.credentials = co_await run_blocking(environment_.pool, std::move(read));
  }
  const auto executor = co_await asio::this_coro::executor;
  co_return std::make_unique<ippclient::Caller>(executor, std::move(options), habits());
}

ipp::Message IppDevice::request(Operation operation, std::string_view user) const {
  static constexpr std::int32_t kRequestId = 1;  // one request at a time on a connection
  auto message = ipp::Message::request(operation, kRequestId);
  auto& group = message.groups.front();
  group.add_uri("printer-uri", to_string(uri_));
  if (!user.empty()) {
    group.add_name("requesting-user-name", plain_text(user, ipp::kNameValueBytesMax));
  }
  return message;
}

ippclient::Habits IppDevice::habits() const {
  const std::lock_guard lock(mutex_);
  return habits_;
}

void IppDevice::keep(const ippclient::Habits& habits) const {
  const std::lock_guard lock(mutex_);
  habits_ = habits;
}

std::optional<Capabilities> IppDevice::capabilities() const {
  const std::lock_guard lock(mutex_);
  if (os::SteadyClock::now() - learnt_ > kCapabilitiesLive) return std::nullopt;
  return capabilities_;
}

void IppDevice::keep(const Capabilities& capabilities) const {
  const std::lock_guard lock(mutex_);
  capabilities_ = capabilities;
  if (capabilities.device_up > last_time_) last_job_ = 0;
  learnt_ = os::SteadyClock::now();
}

void IppDevice::forget_capabilities() const {
  const std::lock_guard lock(mutex_);
  capabilities_.reset();
}

std::uint64_t IppDevice::accepted(std::int32_t job, const Capabilities& able) const {
  const std::lock_guard lock(mutex_);
  last_job_ = job;
  last_time_ = seconds_now();
  return able.device_up == 0 ? 0 : last_time_;
}

bool IppDevice::has_accepted(std::int32_t job) const {
  const std::lock_guard lock(mutex_);
  return job <= last_job_;
}

}  // namespace ipm::output
