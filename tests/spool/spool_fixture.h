#pragma once
// A spool in a folder of its own, with calls that wait for their completion.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <exception>
#include <fstream>
#include <future>
#include <iterator>
#include <memory>
#include <numeric>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "spool/spool.h"
#include "store.h"
#include "temporary_folder.h"

namespace ipm::spool {

// For GoogleTest's messages.
inline void PrintTo(const LoadedJob& loaded, std::ostream* out) {
  *out << "job " << loaded.job.id;
}
inline void PrintTo(const DamagedJob& damaged, std::ostream* out) {
  *out << "job " << damaged.job.id << ": " << damaged.damage;
}

}  // namespace ipm::spool

namespace ipm::spool::test {

inline constexpr TimePoint kNow{std::chrono::seconds(2'000'000'000)};

// Bytes that no other document has, and that show where they are torn.
inline std::string body_of(JobId job, std::int64_t number, std::size_t bytes) {
  std::string line = std::to_string(job) + "." + std::to_string(number) + ":";
  line.resize(200, ' ');
  std::string body;
  body.reserve(bytes + 2 * line.size());
  for (std::size_t count = 0; body.size() < bytes; ++count) {
    body += line;
    body += std::to_string(count);
  }
  body.resize(bytes);
  return body;
}

inline Job job_of(JobId id) {
  Job job;
  job.id = id;
  job.destination = "office";
  job.owner = "client.example.com";
  job.name = "report";
  job.created_at = kNow;
  job.attributes = std::string("\x02\0\x01", 3) + std::to_string(id);
  return job;
}

// As it comes back when its documents have so many bytes each.
inline Job with_documents(Job job, const std::vector<std::uint64_t>& bytes) {
  job.documents = static_cast<std::int64_t>(bytes.size());
  job.octets = std::accumulate(bytes.begin(), bytes.end(), std::uint64_t{0});
  return job;
}

inline NewDocument document_of(Spool& spool, JobId job, std::int64_t number, std::size_t bytes) {
  DocumentWriter writer = spool.new_document();
  writer.append(body_of(job, number, bytes));
  NewDocument document;
  document.info.number = number;
  document.info.format = "application/pdf";
  document.info.name = "page.pdf";
  document.document = writer.finish();
  return document;
}

inline std::vector<NewDocument> one(NewDocument document) {
  std::vector<NewDocument> documents;
  documents.push_back(std::move(document));
  return documents;
}

inline JobUpdate finished(JobId id, TimePoint when, bool drop_documents = true) {
  JobUpdate update;
  update.id = id;
  update.status.state = JobState::Completed;
  update.status.finished_at = when;
  update.drop_documents = drop_documents;
  return update;
}

inline std::string read_all(DocumentReader& reader, std::size_t step = 70'000) {
  std::string bytes;
  std::string space(step, '\0');
  while (const auto got = reader.read(space)) bytes.append(space, 0, got);
  return bytes;
}

// Completions as futures: `attempt([&](Completion done) { spool.submit(…, std::move(done)); })`.
// Several changes to hand in as one; they need not be of types that can be copied.
template <typename... Changes>
std::vector<Change> together(Changes&&... changes) {
  std::vector<Change> all;
  (all.emplace_back(std::forward<Changes>(changes)), ...);
  return all;
}

template <typename Call>
std::future<void> begin(const Call& call) {
  auto promise = std::make_shared<std::promise<void>>();
  auto future = promise->get_future();
  call(Completion([promise](std::exception_ptr failure) {
    if (failure) {
      promise->set_exception(std::move(failure));
    } else {
      promise->set_value();
    }
  }));
  return future;
}

inline std::optional<Error> failure_of(std::future<void> future) {
  try {
    future.get();
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

template <typename Call>
std::optional<Error> attempt(const Call& call) {
  return failure_of(begin(call));
}

// The writer thread stands still in a completion, so that what is handed in meanwhile waits.
class Standstill {
 public:
  explicit Standstill(Spool& spool) : spool_(spool) {
    std::promise<void> standing;
    spool.hand_in(together(Setting{"standstill", ""}),
                  [this, &standing](const std::exception_ptr&) {
                    standing.set_value();
                    over_.get_future().wait();
                  });
    standing.get_future().wait();
  }
  Standstill(const Standstill&) = delete;
  Standstill& operator=(const Standstill&) = delete;
  ~Standstill() { end(); }

  // Also waits until all that waited is decided.
  void end() {
    if (ended_) return;
    ended_ = true;
    over_.set_value();
    spool_.flush();
  }

 private:
  Spool& spool_;
  std::promise<void> over_;
  bool ended_ = false;
};

class SpoolTest : public ::testing::Test {
 protected:
  explicit SpoolTest(StoreKind kind = StoreKind::Sqlite)
      : store_(make_store(kind, folder_ / "state")) {
    options_.database = folder_ / "state/spool.db";
    options_.documents = folder_ / "state/documents";
    options_.limits.inline_bytes_max = 64U << 10U;
    options_.limits.reserve_bytes = 1U << 20U;
    options_.clock = [this] { return now_.load(); };
  }

  std::unique_ptr<Spool> open() { return store_->open(options_, log_); }

  // Ends this run and begins the next.
  LoadedState reopened(std::unique_ptr<Spool>& spool) {
    spool.reset();
    spool = open();
    return spool->load();
  }

  static std::optional<Error> submit(Spool& spool, Job job, std::vector<NewDocument> documents) {
    return attempt([&](Completion done) {
      spool.submit(std::move(job), std::move(documents), std::move(done));
    });
  }

  // A job with one document, acknowledged.
  static JobId submitted(Spool& spool, std::size_t bytes) {
    const JobId id = spool.next_job_id();
    EXPECT_FALSE(submit(spool, job_of(id), one(document_of(spool, id, 1, bytes))));
    return id;
  }

  static std::optional<Error> update(Spool& spool, JobUpdate update) {
    return attempt([&](Completion done) { spool.update_job(std::move(update), std::move(done)); });
  }

  static std::optional<Error> hand_in(Spool& spool, std::vector<Change> changes) {
    return attempt([&](Completion done) { spool.hand_in(std::move(changes), std::move(done)); });
  }

  // The ids of all finished jobs, the latest first, read in pages.
  static std::vector<JobId> history_of(Spool& spool, const HistoryQuery& query = {},
                                       std::size_t limit = 100) {
    std::vector<JobId> ids;
    std::optional<HistoryPlace> after;
    do {
      const HistoryPage page = spool.history(query, after, limit);
      EXPECT_LE(page.jobs.size(), limit);
      for (const auto& loaded : page.jobs) ids.push_back(loaded.job.id);
      after = page.next;
    } while (after);
    return ids;
  }

  static std::optional<std::string> find_body(Spool& spool, JobId job, std::int64_t number = 1) {
    auto reader = spool.find_document(job, number);
    if (!reader) return std::nullopt;
    return read_all(*reader);
  }

  // Names of all files in the folder of documents.
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(options_.documents)) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }

  std::string logged() const {
    std::ifstream file(folder_ / "error.log");
    return {std::istreambuf_iterator<char>(file), {}};
  }

  template <typename Action>
  static Error error_of(const Action& action) {
    try {
      action();
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << "nothing was thrown";
    return {Message::Notice, "", ""};
  }

  static std::optional<Error> remove_job(Spool& spool, JobId id) {
    return hand_in(spool, together(JobRemoval{id}));
  }

  ipm::test::TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
  Log log_{Log::Options{folder_ / "error.log", false, [] { return kNow; }}};
  std::atomic<TimePoint> now_{kNow};
  Options options_;
};

// What only the spool's interface says, on each engine.
class ContractTest : public SpoolTest, public ::testing::WithParamInterface<StoreKind> {
 protected:
  ContractTest() : SpoolTest(GetParam()) {}

  std::size_t large() const { return store_->large_documents(options_.limits.inline_bytes_max); }
};

}  // namespace ipm::spool::test
