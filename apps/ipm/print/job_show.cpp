// ipm job show: all that a server tells of a job.
#include <fmt/format.h>
#include <boost/asio/use_awaitable.hpp>

#include <memory>

#include "base/text.h"
#include "ipm/commands.h"
#include "ipm/common/ipp_session.h"
#include "ipm/common/output.h"
#include "ipm/print/job_options.h"
#include "ipm/print/job_words.h"
#include "ipp/attribute_text.h"
#include "ipp/own_attributes.h"

namespace ipm::app {
namespace {

namespace asio = boost::asio;

constexpr std::initializer_list<std::string_view> kDescription = {"job-id",
                                                                  "job-uri",
                                                                  "job-uuid",
                                                                  "job-printer-uri",
                                                                  "job-name",
                                                                  "job-originating-user-name",
                                                                  "job-state",
                                                                  "job-state-reasons",
                                                                  "job-state-message",
                                                                  "job-k-octets",
                                                                  "job-impressions-completed",
                                                                  "number-of-documents",
                                                                  "document-name-supplied",
                                                                  "document-format-supplied",
                                                                  "date-time-at-creation",
                                                                  "date-time-at-processing",
                                                                  "date-time-at-completed",
                                                                  ipp::own::kOwnerCertificate,
                                                                  ipp::own::kTlsVersion,
                                                                  ipp::own::kDeliveredTo,
                                                                  ipp::own::kDeviceJob,
                                                                  ipp::own::kAttempts,
                                                                  ipp::own::kDoubtful};

bool is_description(std::string_view name) {
  return std::find(kDescription.begin(), kDescription.end(), name) != kDescription.end();
}

// "2 (application/pdf), 14.2 KiB"
std::string documents_text(const ipp::AttributeList& job) {
  std::string text = fmt::format("{}", job.find_integer("number-of-documents").value_or(0));
  const std::string format = text_of(job, "document-format-supplied");
  if (!format.empty()) text += fmt::format(" ({})", format);
  const auto size = job.find_integer("job-k-octets");
  if (size && *size > 0)
    text += fmt::format(", {}", size_text(static_cast<std::uint64_t>(*size) * 1024));
  return text;
}

// "office", "office, as its job 317"
std::string device_text(const ipp::AttributeList& job) {
  std::string text = text_of(job, ipp::own::kDeliveredTo);
  const auto number = job.find_integer(ipp::own::kDeviceJob);
  if (!text.empty() && number && *number > 0) text += fmt::format(", as its job {}", *number);
  return text;
}

// The job template, as -o takes it.
std::string template_text(const ipp::AttributeList& job) {
  ipp::AttributeList wanted;
  for (const auto& attribute : job.attributes) {
    if (!is_description(attribute.name)) wanted.add(attribute);
  }
  return ipp::to_text(wanted);
}

void print_job(const ipp::AttributeList& job) {
  Cell state = job_state_cell(job);
  state.text = job_state_text(job);
  const std::string certificate = text_of(job, ipp::own::kOwnerCertificate);
  const std::string tls = text_of(job, ipp::own::kTlsVersion);
  Sheet sheet;
  sheet.add("name", text_of(job, "job-name"));
  sheet.add("owner", text_of(job, "job-originating-user-name"));
  sheet.add("certificate", certificate.empty() ? "" : "SHA-256 " + certificate);
  sheet.add("sent over", tls);
  sheet.add("state", std::move(state));
  sheet.add("reasons", job_reasons(job));
  sheet.add("remarks", {job_remarks(job), is_doubtful(job) ? Color::Yellow : Color::None});
  sheet.add(ipp::is_terminal(job_state_of(job)) ? "delivered to" : "goes to", device_text(job));
  if (const auto attempts = job.find_integer(ipp::own::kAttempts); attempts && *attempts > 1) {
    sheet.add("attempts", std::to_string(*attempts));
  }
  sheet.add("documents", documents_text(job));
  sheet.add("first document", text_of(job, "document-name-supplied"));
  sheet.add("created", time_of(job, "date-time-at-creation"));
  sheet.add("started", time_of(job, "date-time-at-processing"));
  sheet.add("finished", time_of(job, "date-time-at-completed"));
  sheet.add("options", template_text(job));
  print_out("job {} on {}\n{}", job_id_of(job),
            name_in_uri(job.find_text("job-printer-uri").value_or("")),
            sheet.text(Context::has_color()));
}

asio::awaitable<int> show(const Context& context, const JobOptions& options, IppSession& session) {
  auto document = nlohmann::json::array();
  const auto work = [&](int id) -> asio::awaitable<void> {
    auto request = session.to_job(ipp::Operation::GetJobAttributes, id);
    std::vector<std::string_view> wanted(kDescription);
    wanted.emplace_back("job-template");
    request.groups.front().add_keywords("requested-attributes", wanted);
    const auto reply = co_await session.send(std::move(request));
    const auto& job = require_group(reply, ipp::GroupTag::Job);
    if (context.json) {
      document.push_back(ipp::to_json(job));
    } else {
      print_job(job);
    }
  };
  const int code = co_await for_each_job(context, options.ids, work);
  if (context.json && !document.empty()) {
    Context::print_json(options.ids.size() == 1 ? document.front() : document);
  }
  co_return code;
}

}  // namespace

void add_job_show(CLI::App& noun, Context& context) {
  CLI::App& command =
      add_command(noun, "show", "Owner, certificate, state, documents and times of jobs",
                  "  ipm job show 12\n  ipm job show 12 13 --json");
  auto options = std::make_shared<JobOptions>();
  add_job_options(command, *options);
  on_run(command, context, [&context, options] {
    return converse(context, options->server,
                    [&](IppSession& session) { return show(context, *options, session); });
  });
}

}  // namespace ipm::app
