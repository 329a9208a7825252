#pragma once
// The IPP service: takes a request off HTTP, finds who asks and what for, and answers.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "access/caller.h"
#include "base/log.h"
#include "base/shared.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"
#include "ipp/encoder.h"
#include "ipp/message.h"
#include "print/manager.h"

namespace ipm::print {

// What may change while the service runs.
struct ServicePolicy {
  access::AccessPolicy access;
  std::uint64_t document_bytes_max = 0;  // unpacked; 0: no limit but the spool's
};

struct ServiceOptions {
  ServicePolicy policy;   // at first
  unsigned own_uid = 0;   // the local user that administers beside root
  std::string authority;  // "ipmsrv.example.com:631", where a request names no host
  // What `ipm server status` shows beside the counts: version, certificate, expiry, …
  std::function<void(ipp::AttributeList&)> describe_system;
};

// Whose jobs an operation on many acts on: one owner's, all of a name (of any kind: for operators),
// or, with neither, everybody's.
struct Whose {
  std::optional<access::Owner> owner;
  std::optional<std::string> name;
};

// One request while it is answered.
struct Call {
  access::Caller caller;
  ipp::Message request;
  const ipp::Group& operation;  // of `request`
  std::string authority;        // host and port for URIs in the reply
  bool encrypted = false;
  std::span<const unsigned char> leftover;  // of the document, read with the attributes
  http::RequestBody& body;

  // What the operation acts on, found and allowed before its handler runs; see Subject.
  std::optional<Printer> printer = {};
  std::string printer_name = {};
  std::optional<Job> job = {};
  Whose whose = {};
  // Of a reply that is too long for memory: the next piece of it, and at its end none.
  std::function<boost::asio::awaitable<std::string>(const Call&)> more = {};
  // Operation attributes that were not understood: every reply tells them.
  ipp::AttributeList unsupported = {};

  std::string_view scheme() const { return encrypted ? "ipps" : "ipp"; }
  std::string printer_uri(std::string_view name) const;
  std::string job_uri(int id) const;
};

class Service {
 public:
  Service(Manager& manager, ServiceOptions options, const Log& log);

  // POST of application/ipp to any path, and a short page at "/".
  void add_routes(http::Router& router);
  // An IPP request. Any thread.
  boost::asio::awaitable<http::Response> handle(http::Request& request);

  // Counts for every request that begins from now on. Any thread.
  void change(ServicePolicy policy);

  Manager& manager() { return manager_; }
  std::shared_ptr<const ServicePolicy> policy() const { return policy_.load(); }
  const ServiceOptions& options() const { return options_; }
  const Log& log() const { return log_; }

 private:
  // With the call, where more is to come.
  using Answer = std::pair<std::string, std::shared_ptr<const Call>>;
  boost::asio::awaitable<Answer> answer(http::Request& request);
  access::Caller caller_of(const http::Request& request, const ipp::Group& operation) const;

  Manager& manager_;
  ServiceOptions options_;
  Shared<const ServicePolicy> policy_;
  const Log& log_;
};

}  // namespace ipm::print
