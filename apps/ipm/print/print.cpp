// ipm print FILE…: one job, with as many documents as files are given.
#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/text.h"
#include "ipm/commands.h"
#include "ipm/common/client_identity.h"
#include "ipm/common/ipp_session.h"
#include "ipm/print/interruption.h"
#include "ipm/print/job_follow.h"
#include "ipm/print/job_words.h"
#include "ipm/print/print_source.h"
#include "ipm/print/print_ticket.h"
#include "ipm/print/print_upload.h"
#include "ipp/attribute_text.h"
#include "ipp/compression.h"
#include "ipp/document_format.h"
#include "settings/client.h"

namespace ipm::app {
namespace {

namespace asio = boost::asio;
using ipp::Operation;

constexpr std::chrono::seconds kFarewell{3};  // for each step of canceling what was not sent whole

struct PrintOptions {
  std::vector<std::string> files;
  ServerChoice server;
  std::optional<std::string> destination;
  PrintWishes wishes;
  std::string compress = "none";
  bool wait = false;
};

// A file name is any bytes, an attribute is text of one line, cut between two letters.
std::string attribute_text(const std::string& name) {
  std::string text = printable(name, 4 * ipp::kNameValueBytesMax);
  if (text.size() <= ipp::kNameValueBytesMax) return text;
  text.resize(ipp::kNameValueBytesMax);
  while (!is_utf8(text)) text.pop_back();
  return text;
}

std::string default_title(const std::vector<std::string>& files) {
  const std::string first = files.front() == "-"
                                ? "standard input"
                                : std::filesystem::path(files.front()).filename().string();
  if (files.size() == 1) return attribute_text(first);
  return fmt::format("{} and {} more", printable(first, 200), files.size() - 1);
}

class Submission {
 public:
  Submission(const PrintOptions& options, std::string destination, IppSession& session)
      : options_(options),
        destination_(std::move(destination)),
        session_(session),
        ticket_(make_ticket(options.wishes)),
        compression_(*ipp::find_compression(options.compress)) {
    if (!ticket_.job_operation.contains("job-name")) {
      ticket_.job_operation.add_name("job-name", default_title(options.files));
    }
  }

  // The job's attributes as the server took it.
  asio::awaitable<ipp::AttributeList> run() {
    if (options_.files.size() == 1) {
      PrintSource source(options_.files.front());
      co_await source.begin();
      auto request = session_.to_printer(Operation::PrintJob, destination_);
      describe(request, source);
      ticket_.add_job(request);
      co_return take(co_await send(std::move(request), source));
    }
    auto request = session_.to_printer(Operation::CreateJob, destination_);
    ticket_.add_job(request);
    const auto created = take(co_await session_.send(std::move(request)));
    co_return co_await send_documents(job_id_of(created));
  }

  // What the server does not support and left out; null when it left out nothing.
  const ipp::AttributeList& ignored() const { return ignored_; }

 private:
  void describe(ipp::Message& request, const PrintSource& source) const {
    auto& group = request.groups.front();
    if (compression_ != ipp::Compression::None) {
      group.add_keyword("compression", ipp::compression_name(compression_));
    }
    if (!ticket_.document.contains("document-format")) {
      group.add_mime_type("document-format", ipp::guess_format(source.first_bytes()));
    }
    if (!ticket_.document.contains("document-name") && !source.name().empty()) {
      group.add_name("document-name", attribute_text(source.name()));
    }
    ticket_.add_document(request);
  }

  asio::awaitable<ipp::Message> send(ipp::Message request, PrintSource& source) const {
    Upload upload(source, compression_);
    co_return co_await session_.send(std::move(request), upload.attachment());
  }

  ipp::AttributeList take(const ipp::Message& reply) {
    if (const auto* unsupported = reply.find_group(ipp::GroupTag::Unsupported)) {
      for (const auto& attribute : unsupported->attributes) ignored_.add(attribute);
    }
    const ipp::AttributeList& job = require_group(reply, ipp::GroupTag::Job);
    return job;
  }

  // A job whose documents do not all arrive is not printed in part: whatever keeps them from it, the
  // job is canceled before the program ends.
  asio::awaitable<ipp::AttributeList> send_documents(int id) {
    std::optional<Error> failure;
    int signal = 0;
    {
      const auto executor = co_await asio::this_coro::executor;
      const Interruption interruption(executor, [this](int) {
        if (source_) source_->give_up();
        session_.abort();
      });
      try {
        ipp::AttributeList job;
        for (std::size_t at = 0; at < options_.files.size(); ++at) {
          source_.emplace(options_.files[at]);
          co_await source_->begin();
          auto request = session_.to_job(Operation::SendDocument, id);
          describe(request, *source_);
          request.groups.front().add_boolean("last-document", at + 1 == options_.files.size());
          job = take(co_await send(std::move(request), *source_));
          if (interruption.signal() != 0 && at + 1 < options_.files.size()) break;
          if (at + 1 == options_.files.size()) co_return job;  // It is there as a whole.
        }
      } catch (const Error& error) {
        failure = error;
      }
      signal = interruption.signal();
    }
    const bool canceled = co_await cancel_in_time(id);
    if (signal != 0) {
      Context::warn(
          fmt::format("{}: job {} was not sent whole and {}", signal_name(signal), id,
                      canceled ? "is canceled"
                               : "could not be canceled: ipm job cancel " + std::to_string(id)));
      throw Interrupted{signal};
    }
    if (canceled) throw Error(*failure);
    throw Error(failure->message(),
                fmt::format("{}; job {} was not sent whole and could not be canceled",
                            failure->happened(), id),
                failure->expected(), fmt::format("ipm job cancel {}", id));
  }

  asio::awaitable<bool> cancel_in_time(int id) {
    session_.hurry(kFarewell);
    try {
      co_await session_.send(session_.to_job(Operation::CancelJob, id));
      co_return true;
    } catch (const Error& error) {
      // Not there, or canceled by somebody else: nothing of it is printed.
      co_return error.message() == Message::JobNotFound ||
          error.message() == Message::JobNotPossible;
    }
  }

  const PrintOptions& options_;
  std::string destination_;
  IppSession& session_;
  Ticket ticket_;
  ipp::Compression compression_;
  ipp::AttributeList ignored_;
  std::optional<PrintSource> source_;  // of the document under way, where there are several
};

// Where the job is: the server names its default destination only here.
asio::awaitable<std::string> destination_of_job(IppSession& session, int id) {
  auto request = session.to_job(Operation::GetJobAttributes, id);
  request.groups.front().add_keywords("requested-attributes", {"job-printer-uri"});
  const auto reply = co_await session.send(std::move(request));
  co_return name_in_uri(
      require_group(reply, ipp::GroupTag::Job).find_text("job-printer-uri").value_or(""));
}

nlohmann::json print_json(const ipp::AttributeList& job, const std::string& destination,
                          const ipp::AttributeList& ignored) {
  nlohmann::json document = ipp::to_json(job);
  document["destination"] = destination;
  document["ignored"] = ipp::to_json(ignored);
  return document;
}

// What the server told to be unsupported: by its name alone where its value says no more.
std::string left_out_text(const ipp::AttributeList& ignored) {
  std::string text;
  for (const auto& attribute : ignored.attributes) {
    const bool named_only =
        attribute.values.empty() || ipp::is_out_of_band(attribute.values.front().tag());
    ipp::AttributeList one;
    one.add(attribute);
    text += fmt::format("{}{}", text.empty() ? "" : " ",
                        named_only ? printable(attribute.name) : ipp::to_text(one));
  }
  return text;
}

// The job goes on by itself: whoever stops waiting is told where it is.
asio::awaitable<ipp::AttributeList> wait_for_job(const Context& context,
                                                 const PrintOptions& options, IppSession& session,
                                                 int id) {
  const auto executor = co_await asio::this_coro::executor;
  const Interruption interruption(executor, [&](int signal) {
    const std::string server =
        options.server.given ? fmt::format(" --server {}", *options.server.given) : "";
    Context::warn(fmt::format(
        "job {} goes on without being waited for; ipm job cancel {}{} ends it", id, id, server));
    throw Interrupted{signal};
  });
  co_return co_await follow_job(context, session, id);
}

asio::awaitable<int> print(const Context& context, const PrintOptions& options,
                           std::string destination, IppSession& session) {
  Submission submission(options, destination, session);
  auto job = co_await submission.run();
  const int id = job_id_of(job);
  if (destination.empty()) destination = co_await destination_of_job(session, id);
  context.say(
      fmt::format("job {} on {}: {}", id, printable(destination, 127), job_state_text(job)));
  if (!submission.ignored().attributes.empty()) {
    context.say(
        fmt::format("Not supported there, and left out: {}", left_out_text(submission.ignored())));
  }
  if (options.wait) job = co_await wait_for_job(context, options, session, id);
  if (context.json) {
    auto document = print_json(job, destination, submission.ignored());
    add_identity_json(document, context, session.target());
    Context::print_json(document);
  }
  warn_of_expiry(context, session.target());
  next_step(context, options.server, fmt::format("ipm job show {}", id));
  const bool failed = options.wait && job_state_of(job) != ipp::JobState::Completed;
  co_return failed ? kRuleBroken : kOk;
}

void check_destination(const std::optional<std::string>& given) {
  if (!given || !given->empty()) return;
  throw Error(Message::UsageWrong, "-d is empty", "the name of a destination: ipm printer list",
              "name one, or leave out -d for the default; perhaps a variable is not set");
}

int run_print(const Context& context, const PrintOptions& options) {
  // Complaints come before anything is asked of a server.
  check_destination(options.destination);
  static_cast<void>(make_ticket(options.wishes));
  check_sources(options.files);
  const auto settings = settings::load_client_settings(context.places());
  const std::string destination = options.destination.value_or(settings.destination.value_or(""));
  return converse(context, options.server, [&](IppSession& session) {
    return print(context, options, destination, session);
  });
}

}  // namespace

void add_print(CLI::App& program, Context& context) {
  CLI::App& command = add_command(
      program, "print", "Print files: one job with a document for each",
      "  ipm print report.pdf\n"
      "  ipm print cover.pdf report.pdf -d office --copies 2 -o sides=two-sided-long-edge\n"
      "  ipm print large.tiff --server ipmsrv.example.com --compress gzip --wait\n"
      "  pr notes.txt | ipm print - --name Notes\n"
      "Options are IPP's attributes: -o media=iso_a4_210x297mm -o print-quality=high -o "
      "page-ranges=1-4");
  auto options = std::make_shared<PrintOptions>();
  command.add_option("FILE", options->files, "Files to print; - is standard input")->required();
  command
      .add_option("-d,--destination", options->destination,
                  "Where to print; else destination of ipm.toml, else the server's default")
      ->type_name("DEST");
  add_server_option(command, options->server);
  command.add_option("--copies", options->wishes.copies, "Copies of each document")
      ->check(CLI::Range(1, 999'999))
      ->type_name("N");
  command.add_option("-o", options->wishes.options, "What the job shall be like")
      ->type_name("NAME=VALUE")
      ->expected(1)
      ->take_all();
  command.add_option("--name", options->wishes.title, "The job's name; else the file's")
      ->type_name("TITLE");
  command.add_flag("--hold", options->wishes.hold, "Hold the job until it is released");
  command.add_option("--priority", options->wishes.priority, "1 (last) to 100 (first)")
      ->check(CLI::Range(1, 100))
      ->type_name("N");
  command.add_option("--compress", options->compress, "Pack documents on their way")
      ->check(CLI::IsMember({"none", "gzip", "deflate"}))
      ->type_name("KIND");
  command.add_flag("--wait", options->wait,
                   "Follow the job to its end; exit 1 unless it was completed");
  on_run(command, context, [&context, options] { return run_print(context, *options); });
}

}  // namespace ipm::app
