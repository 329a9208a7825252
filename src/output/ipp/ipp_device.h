#pragma once
// What an IPP driver knows of its device: where it is, what it can, and how it wants to be spoken to.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ippclient/caller.h"
#include "os/clock.h"
#include "output/driver.h"
#include "output/limits.h"

namespace ipm::output {

// As far as the device tells; `known` is false where it names no operations.
struct Capabilities {
  bool known = false;
  bool create_job = false;  // Create-Job and Send-Document
  bool get_jobs = true;
  bool several_documents = true;  // in one job
  std::optional<int> copies_max;  // nothing: not told
  bool pin = false;               // job-password
  std::uint64_t device_up = 0;    // as in Earlier
  std::int32_t up_time = 0;       // its printer-up-time when it was asked, seconds; 0: not told
};
Capabilities capabilities_of(const ipp::Message& reply);

std::uint64_t seconds_now();  // since 1970

// When the device started, by its printer-up-time now; 0 where it does not tell one.
std::uint64_t started_at(std::optional<std::int32_t> up_time);

// A job as the device tells of it.
struct JobView {
  std::int32_t id = 0;
  ipp::JobState state = ipp::JobState::Pending;
  std::vector<std::string> reasons;
  std::string message;
  int impressions = 0;
  std::optional<int> documents;
  std::optional<std::string> name;
  std::string user;
  std::optional<std::int32_t> created;  // its printer-up-time then
  std::optional<std::int32_t> up_time;  // its printer-up-time now

  bool has_reason(std::string_view reason) const;
  bool is_incoming() const;            // it waits for documents
  bool is_canceled_by_person() const;  // at the device, or by one who runs it
  bool is_told() const;                // its state is one of RFC 8011, 5.3.7
};
JobView view_of(const ipp::Group& job);

// Keywords of an attribute for printer-state-reasons and the like, without "none"; printable.
std::vector<std::string> reasons_of(const ipp::AttributeList& list, std::string_view name);

// Shared by all deliveries to one device; what was learnt of it is kept between them.
class IppDevice {
 public:
  IppDevice(Uri uri, DeviceSettings settings, Environment environment, Patience patience);

  const Uri& uri() const { return uri_; }
  const Environment& environment() const { return environment_; }
  const Patience& patience() const { return patience_; }
  const DeviceSettings& settings() const { return settings_; }

  // Reads the credentials, where there are any. Throws Error.
  boost::asio::awaitable<std::unique_ptr<ippclient::Caller>> make_caller() const;

  // A request with printer-uri and requesting-user-name.
  ipp::Message request(ipp::Operation operation, std::string_view user) const;

  ippclient::Habits habits() const;
  void keep(const ippclient::Habits& habits) const;
  std::optional<Capabilities> capabilities() const;  // nothing, or too old
  void keep(const Capabilities& capabilities) const;
  void forget_capabilities() const;

  // A job that the device has made for us. Returns what tells a later restart (Earlier::device_up): a
  // moment at which the device had started already, 0 where it does not tell its up-time.
  std::uint64_t accepted(std::int32_t job, const Capabilities& able) const;
  // Whether it may be one of those: an id up to the last of them.
  bool has_accepted(std::int32_t job) const;

 private:
  Uri uri_;
  DeviceSettings settings_;
  Environment environment_;
  Patience patience_;

  mutable std::mutex mutex_;
  mutable ippclient::Habits habits_;
  mutable std::optional<Capabilities> capabilities_;
  mutable os::SteadyClock::time_point learnt_;
  mutable std::int32_t last_job_ = 0;  // 0 again after a restart of the device
  mutable std::uint64_t last_time_ = 0;
};

}  // namespace ipm::output
