#pragma once
// One delivery to an IPP device (B13): the device has a job of ours before it has the document, and
// after any doubt it is asked before anything is sent again.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "os/timer.h"
#include "output/device_answers.h"
#include "output/ipp/ipp_device.h"

namespace ipm::output {

class IppDelivery {
 public:
  IppDelivery(const IppDevice& device, const Assignment& assignment, Cancellation& cancellation,
              const Progress& progress, boost::asio::any_io_executor executor);

  boost::asio::awaitable<Result> run();

 private:
  template <class T>
  using Task = boost::asio::awaitable<T>;
  using Document = output::Document;

  // What is one job at the device.
  struct Unit {
    std::vector<const Document*> documents;
    int copies = 1;  // that the device is asked to make; 0: it makes one
  };
  enum class Search { NotAsked, Unreachable, Unclear, Nothing, One };
  struct Running;

  // ipp_delivery.cpp: the order of things
  Task<Result> deliver();
  Task<std::optional<Result>> learn();
  std::optional<Result> refuse_pin() const;
  bool makes_copies() const;
  Part first_part() const;
  std::optional<Part> next_part(const Part& part) const;
  std::string done_before(const Part& part) const;
  Unit unit_of(const Part& part) const;
  Task<std::optional<Result>> begin_part();
  // Nothing: the documents are to go one by one.
  Task<std::optional<Result>> deliver_unit(const Unit& unit);
  Task<std::optional<Result>> create(
      const Unit& unit);  // nothing: there is a job, or Print-Job it is
  Task<Result> send_documents(const Unit& unit);
  Task<Result> print_job(const Unit& unit);

  // ipp_delivery_follow.cpp: what became of it
  Task<std::optional<Result>> resume();
  Task<std::optional<Result>> find_earlier();
  Task<Result> settle_doubt(Result lost);
  Task<Result> follow(bool may_be_incoming);
  Task<std::optional<Result>> judge(const JobView& job);
  Task<Result> not_found();
  bool is_restarted(std::uint64_t up) const;
  bool is_another(const JobView& job) const;
  Task<ippclient::Answer> look();
  Task<Search> search(bool since_the_start);
  Task<void> sweep();
  Task<bool> cancel_there();
  // A job that is not to be followed any more: cancelled there, and that noted.
  struct Discarded {
    bool gone = false;  // else it stays noted, for the next attempt to find
    std::optional<Result> failure = {};
  };
  Task<Discarded> discard();
  Task<Result> finish_requested();
  Task<Result> finish_earlier();
  Task<std::optional<Result>> note(std::int32_t job);
  Task<void> pause(std::chrono::milliseconds wait);

  // ipp_delivery_send.cpp: requests
  ipp::Message request(ipp::Operation operation) const;
  void add_job_attributes(ipp::Message& message, const Unit& unit) const;
  std::optional<Result> check_unsupported(const ipp::Message& reply, const Unit& unit);
  Task<ippclient::Answer> send(ipp::Message request, const Document& document);
  Task<void> wait_for(Running& running);
  Task<void> ask_beside(Running& running);
  void tell(std::string text, std::vector<std::string> reasons) const;
  std::string job_name() const;
  std::string user() const;
  // As far as we know it may have them all.
  bool may_have_all() const { return whole_ || went_whole_; }

  Result result_of(const ippclient::Answer& answer) const {
    return output::result_of(answer, device_.uri());
  }

  const IppDevice& device_;
  const Assignment& assignment_;
  Cancellation& cancellation_;
  const Progress& progress_;
  boost::asio::any_io_executor executor_;
  os::Timer timer_;
  std::unique_ptr<ippclient::Caller> caller_;
  Capabilities able_;

  Part part_;                  // under way, or to begin
  DeviceJob noted_;            // what is durable
  std::int32_t job_ = 0;       // at the device, or 0
  std::uint64_t job_up_ = 0;   // when the device that has it started
  bool resumed_ = false;       // it is from an earlier attempt
  bool seen_ = false;          // the device has said that the job under its number is ours
  bool another_ = false;       // under its number there is another's now
  bool doubt_ = false;         // an earlier attempt's, until the device was asked
  bool whole_ = false;         // the device has said that it has all documents of it
  bool went_whole_ = false;    // all of them went; whether they came is not said
  bool read_all_ = false;      // the document under way has been handed over to its last byte
  bool touched_ = false;       // some byte of a document went since this delivery began
  std::int32_t began_up_ = 0;  // the device's up-time when this delivery began
  std::uint64_t sent_ = 0;
  std::optional<Result> beside_;  // what a question on a second connection has settled
  std::string last_state_;
  std::vector<std::string> last_reasons_;
};

}  // namespace ipm::output
