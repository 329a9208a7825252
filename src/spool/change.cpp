#include "spool/change.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <set>
#include <string_view>

#include "base/error.h"
#include "spool/limits.h"

namespace ipm::spool {
namespace {

constexpr std::size_t kChangeBytes =
    512;  // Of each change beside its blobs and documents, roughly.

[[noreturn]] void refuse(std::string happened, std::string expected) {
  throw Error(Message::Unexpected, std::move(happened), std::move(expected));
}

void check_text(std::string_view what, std::string_view text) {
  if (text.size() <= kTextBytesMax) return;
  refuse(fmt::format("{} has {} bytes", what, text.size()),
         fmt::format("at most {} bytes", kTextBytesMax));
}

void check_blob(std::string_view what, std::string_view blob) {
  if (blob.size() <= kAttributesBytesMax) return;
  refuse(fmt::format("{} take {} bytes", what, blob.size()),
         fmt::format("at most {} bytes", kAttributesBytesMax));
}

void check_id(JobId id) {
  if (id >= 1 && id <= kJobIdMax) return;
  refuse(fmt::format("{} is no job id", id), fmt::format("1 to {}", kJobIdMax));
}

void check_status(const JobStatus& status) {
  check_text("the job's reasons", status.reasons);
  check_text("the job's message", status.message);
  check_text("the device's name", status.device);
  if (status.device_up > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    refuse(fmt::format("{} is no time", status.device_up), "seconds that a row can hold");
  }
  if (is_finished(status.state) != status.finished_at.has_value()) {
    refuse(fmt::format("state {} {} a time of completion", static_cast<int>(status.state),
                       status.finished_at ? "with" : "without"),
           "a time of completion for finished jobs, and for no others");
  }
}

void check_document(const DocumentInfo& info) {
  if (info.number < 1 || info.number > kDocumentsPerJobMax) {
    refuse(fmt::format("{} is no document number", info.number),
           fmt::format("1 to {}", kDocumentsPerJobMax));
  }
  check_text("the document's format", info.format);
  check_text("the document's name", info.name);
}

struct Checker {
  void operator()(const Submission& submission) const {
    const Job& job = submission.job;
    check_id(job.id);
    check_text("the job's destination", job.destination);
    check_text("the job's owner", job.owner);
    check_text("the job's name", job.name);
    check_blob("the job's attributes", job.attributes);
    check_status(job.status);
    std::set<std::int64_t> numbers;
    for (const auto& document : submission.documents) {
      check_document(document.info);
      if (!numbers.insert(document.info.number).second) {
        refuse(fmt::format("document {} comes twice", document.info.number),
               "a number of its own for each document");
      }
    }
  }

  void operator()(const JobUpdate& update) const {
    check_id(update.id);
    check_status(update.status);
    if (update.attributes) check_blob("the job's attributes", *update.attributes);
    if (update.destination) check_text("the job's destination", *update.destination);
  }

  void operator()(const Addition& addition) const {
    (*this)(addition.update);
    check_document(addition.document.info);
    if (addition.update.drop_documents) {
      refuse("a document is added and all are dropped", "one or the other");
    }
  }

  void operator()(const JobRemoval& removal) const { check_id(removal.id); }

  void operator()(const Destination& destination) const {
    check_text("the destination's name", destination.name);
    check_text("the destination's message", destination.message);
    check_text("the device's address", destination.device_uri);
    check_blob("the destination's attributes", destination.attributes);
    std::size_t bytes = 0;
    for (const auto& name : destination.feeds) {
      check_text("a destination's name", name);
      if (name.empty() || name.find('\n') != std::string::npos) {
        refuse("a destination's name is empty or has a line break", "a name of one line");
      }
      bytes += name.size();
    }
    if (bytes > kAttributesBytesMax) {
      refuse("a destination feeds too many others",
             fmt::format("names of at most {} bytes together", kAttributesBytesMax));
    }
  }

  void operator()(const DestinationRemoval& removal) const {
    check_text("the destination's name", removal.name);
  }

  void operator()(const Setting& setting) const {
    check_text("the setting's name", setting.key);
    if (setting.value) check_blob("the setting's bytes", *setting.value);
  }
};

struct Weigher {
  static std::size_t of(const NewDocument& document) {
    return document.document.inline_bytes().size();
  }

  std::size_t operator()(const Submission& submission) const {
    std::size_t bytes = submission.job.attributes.size();
    for (const auto& document : submission.documents) bytes += of(document);
    return bytes;
  }
  std::size_t operator()(const JobUpdate& update) const {
    return update.attributes ? update.attributes->size() : 0;
  }
  std::size_t operator()(const Addition& addition) const {
    return (*this)(addition.update) + of(addition.document);
  }
  std::size_t operator()(const JobRemoval&) const { return 0; }
  std::size_t operator()(const Destination& destination) const {
    return destination.attributes.size();
  }
  std::size_t operator()(const DestinationRemoval&) const { return 0; }
  std::size_t operator()(const Setting& setting) const {
    return setting.value ? setting.value->size() : 0;
  }
};

}  // namespace

std::size_t bytes_of(const HandIn& hand_in) {
  std::size_t bytes = kChangeBytes;
  for (const auto& change : hand_in.changes) bytes += kChangeBytes + std::visit(Weigher{}, change);
  return bytes;
}

bool is_relief(const HandIn& hand_in) {
  return std::ranges::none_of(hand_in.changes, [](const Change& change) {
    return std::holds_alternative<Submission>(change) || std::holds_alternative<Addition>(change);
  });
}

void check(const HandIn& hand_in) {
  for (const auto& change : hand_in.changes) std::visit(Checker{}, change);
}

}  // namespace ipm::spool
