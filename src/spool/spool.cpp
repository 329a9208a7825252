#include "spool/spool.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <utility>

#include "base/error.h"
#include "spool/engine.h"
#include "spool/id_stock.h"
#include "spool/sqlite/engine.h"
#include "spool/writer.h"

namespace ipm::spool {
namespace {

// Says in the log what was taken up and what is damaged.
void report(const LoadedState& state, const Log& log) {
  if (!state.jobs.empty() || state.orphans_removed > 0) {
    log.write(
        Message::SpoolRecovered,
        fmt::format("The spool holds {} unfinished jobs, {} of them interrupted by the end of "
                    "the last run; {} files of unacknowledged documents were removed.",
                    state.jobs.size(), state.interrupted, state.orphans_removed));
  }
  for (const auto& loss : state.losses) {
    log.write(Error(Message::SpoolDamaged, loss, "the spool's files as the last run left them",
                    "restore them from a copy if there is one"));
  }
  for (const auto& damaged : state.damaged) {
    log.write(Error(Message::SpoolDamaged,
                    fmt::format("job {} is damaged: {}", damaged.job.id, damaged.damage),
                    "rows and files that agree"));
  }
}

}  // namespace

struct Spool::Parts {
  Parts(std::unique_ptr<Engine> given_engine, Options given, const Log& given_log)
      : options(std::move(given)), log(given_log), engine(std::move(given_engine)) {
    while (stock.wants_more()) stock.add(engine->ids(kIdBlock));
    writer.emplace(*engine, stock, Writer::Options{options.limits, options.clock, options.lost},
                   log);
  }

  void post(std::vector<Change> changes, Completion completion) {
    HandIn hand_in{std::move(changes), std::move(completion), {}, 0};
    try {
      check(hand_in);
    } catch (const Error&) {
      hand_in.failure = std::current_exception();
    }
    writer->post(std::move(hand_in));
  }

  void post(Change change, Completion completion) {
    std::vector<Change> one;
    one.push_back(std::move(change));
    post(std::move(one), std::move(completion));
  }

  Options options;
  const Log& log;
  std::unique_ptr<Engine> engine;
  IdStock stock;
  std::optional<Writer> writer;
};

std::unique_ptr<Spool> Spool::open(Options options, const Log& log) {
  const sqlite::Places places{options.database, options.documents, nullptr};
  auto engine = std::make_unique<sqlite::SqliteEngine>(places, options.limits, log);
  return open(std::move(engine), std::move(options), log);
}

std::unique_ptr<Spool> Spool::open(std::unique_ptr<Engine> engine, Options options,
                                   const Log& log) {
  return std::make_unique<Spool>(
      std::make_unique<Parts>(std::move(engine), std::move(options), log));
}

Spool::Spool(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Spool::~Spool() = default;

LoadedState Spool::load(const Queues& queues) {
  LoadedState state = parts_->engine->load(queues);
  report(state, parts_->log);
  return state;
}

JobId Spool::next_job_id() {
  const IdStock::Given given = parts_->stock.next();
  if (given.wants_more) parts_->writer->refill_stock();
  return given.id;
}

DocumentWriter Spool::new_document(std::uint64_t expected_bytes) {
  return {*parts_->engine, parts_->options.limits, expected_bytes};
}

void Spool::hand_in(std::vector<Change> changes, Completion completion) {
  parts_->post(std::move(changes), std::move(completion));
}

void Spool::submit(Job job, std::vector<NewDocument> documents, Completion completion) {
  parts_->post(Submission{std::move(job), std::move(documents)}, std::move(completion));
}

void Spool::add_document(JobUpdate update, NewDocument document, Completion completion) {
  parts_->post(Addition{std::move(update), std::move(document)}, std::move(completion));
}

void Spool::update_job(JobUpdate update, Completion completion) {
  parts_->post(std::move(update), std::move(completion));
}

void Spool::put_destination(Destination destination, Completion completion) {
  parts_->post(std::move(destination), std::move(completion));
}

void Spool::remove_destination(DestinationKind kind, std::string name, Completion completion) {
  parts_->post(DestinationRemoval{kind, std::move(name)}, std::move(completion));
}

void Spool::flush() {
  std::promise<void> decided;
  auto waiting = decided.get_future();
  parts_->post(std::vector<Change>(),
               [&decided](const std::exception_ptr&) { decided.set_value(); });
  waiting.wait();
}

std::optional<DocumentReader> Spool::find_document(JobId job, std::int64_t number) {
  if (number < 1 || number > kDocumentsPerJobMax || job < 1 || job > kJobIdMax) return std::nullopt;
  auto found = parts_->engine->find_document(job, number);
  if (!found) return std::nullopt;
  return DocumentReader(job, *std::move(found));
}

HistoryPage Spool::history(const HistoryQuery& query, const std::optional<HistoryPlace>& after,
                           std::size_t limit) {
  if (limit == 0) return {};
  return parts_->engine->history(query, after, std::min(limit, kHistoryPageMax));
}

std::optional<LoadedJob> Spool::find_finished(JobId id) {
  return parts_->engine->find_finished(id);
}

Spool::Counters Spool::counters() const {
  const Writer& writer = *parts_->writer;
  return {writer.changes(), writer.groups(), writer.failures(), writer.waiting()};
}

}  // namespace ipm::spool
