#include "clients.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <optional>
#include <utility>

#include "base/error.h"
#include "print/manager/job_walk.h"

namespace ipm::simulation {
namespace {

namespace asio = boost::asio;
using print::Job;

constexpr std::size_t kJobsAtOnce = 100;
constexpr std::size_t kSmallBytes = 900;
constexpr std::size_t kLargeBytes = 6000;  // in a file of its own

std::string reason_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return error.happened();
  }
}

// What the server thinks of a document, before it is acknowledged. Blocks; throws Error.
spool::NewDocument stored(Server& server, const std::string& content) {
  auto writer = server.manager().new_document(content.size());
  writer.append(content);
  spool::NewDocument document;
  document.info.format = "text/plain";
  document.info.name = "page";
  document.document = writer.finish();
  return document;
}

Paper paper_of(int id, const std::string& printer) {
  Paper paper;
  paper.id = id;
  paper.printer = printer;
  return paper;
}

template <class Value>
asio::awaitable<void> without_value(asio::awaitable<Value> request) {
  const Value ignored = co_await std::move(request);
  static_cast<void>(ignored);
}

}  // namespace

void Clients::ask(Server& server, asio::awaitable<void> request, Answered answered) {
  const bool stopping = server.stopping();
  asio::co_spawn(
      server.context(), std::move(request),
      [this, &server, stopping, answered = std::move(answered)](const std::exception_ptr& failure) {
        if (!alive_() || stopping || (failure && server.stopping())) return;
        answered(failure);
      });
}

void Clients::ask_for(Server& server, int id, std::string what, asio::awaitable<void> request,
                      Answered answered) {
  trace_.note("client: {} job {}", what, id);
  ++papers_[id].changing;
  ask(server, std::move(request),
      [this, id, what = std::move(what),
       answered = std::move(answered)](const std::exception_ptr& failure) {
        --papers_[id].changing;
        trace_.note("client: {} job {}: {}", what, id, failure ? reason_of(failure) : "done");
        answered(failure);
      });
}

void Clients::lose_answers() {
  for (auto& [id, paper] : papers_) {
    paper.changing = 0;
    // What nobody heard of may be either way.
    if (paper.may_be_held) paper.held = false;
    paper.may_be_held = false;
  }
}

std::string Clients::content(int id, std::size_t number) {
  std::string content = fmt::format("document {} of job {}\n", number, id);
  const std::size_t size =
      dice_.chance(25) ? dice_.between(kSmallBytes, kLargeBytes) : dice_.between(30, kSmallBytes);
  while (content.size() < size) content += fmt::format("{:x} ", dice_.any());
  return content;
}

Paper* Clients::any(const std::function<bool(const Paper&)>& wanted) {
  std::vector<Paper*> found;
  for (auto& [id, paper] : papers_) {
    if (wanted(paper)) found.push_back(&paper);
  }
  // Mostly the latest: those are still under way.
  if (found.empty()) return nullptr;
  const std::size_t back =
      dice_.below(dice_.chance(70) ? std::min<std::size_t>(found.size(), 4) : found.size());
  return found[found.size() - 1 - back];
}

void Clients::act(Server& server, const std::vector<std::string>& printers) {
  const std::string& printer = printers[dice_.below(printers.size())];
  const std::size_t what = dice_.below(100);
  try {
    if (what < 45) return print(server, printer);
    if (what < 53) return create(server, printer);
    if (what < 65) return add_document(server);
    if (what < 73) return cancel(server);
    if (what < 76) return cancel_many(server);
    if (what < 83) return hold(server);
    if (what < 90) {
      if (const Paper* paper = any([](const Paper& one) { return one.held; })) {
        release(server, paper->id);
      }
      return;
    }
    if (what < 94) return edit(server);
    pause(server, printer, dice_.chance(40));
  } catch (const Error& error) {
    trace_.note("client: refused at once: {}", error.happened());
  }
}

void Clients::print(Server& server, const std::string& printer) {
  Job job = server.manager().draft(printer);
  const int id = job.id;
  Paper paper = paper_of(id, printer);
  job.name = fmt::format("letter-{}", id);
  job.owner.name = "ann";
  job.priority = dice_.chance(15) ? static_cast<int>(dice_.between(1, 100)) : job.priority;
  std::vector<spool::NewDocument> documents;
  for (std::size_t count = dice_.chance(15) ? 2 : 1; count > 0; --count) {
    paper.sent_documents.push_back(content(id, paper.sent_documents.size() + 1));
    documents.push_back(stored(server, paper.sent_documents.back()));
  }
  if (dice_.chance(4)) {
    trace_.note("client: vanishes before job {} is sent", id);
    return;
  }
  papers_[id] = paper;
  ask_for(server, id, fmt::format("print at {}", printer),
          without_value(server.manager().submit(std::move(job), std::move(documents))),
          [this, id](const std::exception_ptr& failure) {
            Paper& sent = papers_[id];
            sent.told = failure ? Paper::Told::Refused : Paper::Told::Taken;
            if (!failure) sent.documents = sent.sent_documents;
          });
}

void Clients::create(Server& server, const std::string& printer) {
  Job job = server.manager().draft(printer);
  const int id = job.id;
  job.name = fmt::format("book-{}", id);
  job.owner.name = "bob";
  job.incoming = true;
  papers_[id] = paper_of(id, printer);
  papers_[id].incoming = true;
  ask_for(server, id, fmt::format("create at {}", printer),
          without_value(server.manager().submit(std::move(job), {})),
          [this, id](const std::exception_ptr& failure) {
            papers_[id].told = failure ? Paper::Told::Refused : Paper::Told::Taken;
          });
}

void Clients::add_document(Server& server) {
  Paper* paper = any([](const Paper& one) {
    return one.incoming && one.told == Paper::Told::Taken && one.changing == 0 && !one.cancel_asked;
  });
  if (paper == nullptr) return;
  const int id = paper->id;
  const bool last = dice_.chance(50);
  std::string text = content(id, paper->documents.size() + 1);
  auto document = stored(server, text);
  paper->sent_documents = paper->documents;
  paper->sent_documents.push_back(text);
  ask_for(server, id, last ? "send the last document of" : "send a document of",
          without_value(server.manager().add_document(id, std::move(document), last)),
          [this, id, last](const std::exception_ptr& failure) {
            Paper& sent = papers_[id];
            if (failure) {
              sent.sent_documents = sent.documents;
              return;
            }
            sent.documents = sent.sent_documents;
            if (last) sent.incoming = false;
          });
}

void Clients::cancel(Server& server) {
  Paper* paper = any([](const Paper& one) { return one.told != Paper::Told::Refused; });
  if (paper == nullptr) return;
  const int id = paper->id;
  paper->cancel_asked = true;
  ask_for(server, id, "cancel", server.manager().cancel(id, "canceled by ann"),
          [this, id](const std::exception_ptr& failure) {
            if (!failure) papers_[id].cancel_told = true;
          });
}

void Clients::cancel_many(Server& server) {
  std::vector<int> ids;
  for (int count = 0; count < 3; ++count) {
    if (Paper* paper = any([](const Paper& one) { return one.told == Paper::Told::Taken; })) {
      ids.push_back(paper->id);
      paper->cancel_asked = true;
      ++paper->changing;
    }
  }
  trace_.note("client: cancel {} jobs", ids.size());
  ask(server, server.manager().cancel(ids, "canceled by the operator"),
      [this, ids](const std::exception_ptr& failure) {
        trace_.note("client: cancel many: {}", failure ? reason_of(failure) : "done");
        for (const int id : ids) {
          --papers_[id].changing;
          if (!failure) papers_[id].cancel_told = true;
        }
      });
}

void Clients::hold(Server& server) {
  Paper* paper = any([](const Paper& one) {
    return one.told == Paper::Told::Taken && !one.held && one.changing == 0;
  });
  if (paper == nullptr) return;
  const int id = paper->id;
  ask_for(server, id, "hold",
          without_value(server.manager().change(id, print::job_event::Hold{"indefinite"})),
          [this, id](const std::exception_ptr& failure) {
            if (!failure) papers_[id].held = true;
          });
}

void Clients::release(Server& server, int id) {
  papers_[id].may_be_held = true;
  papers_[id].held = false;
  ask_for(server, id, "release",
          without_value(server.manager().change(id, print::job_event::Hold{"no-hold"})),
          [this, id](const std::exception_ptr& failure) {
            papers_[id].may_be_held = false;
            if (failure) papers_[id].held = false;
          });
}

void Clients::edit(Server& server) {
  Paper* paper =
      any([](const Paper& one) { return one.told == Paper::Told::Taken && one.changing == 0; });
  if (paper == nullptr) return;
  const int id = paper->id;
  print::job_event::Edit event;
  event.priority = static_cast<int>(dice_.between(1, 100));
  ask_for(server, id, fmt::format("give priority {} to", *event.priority),
          without_value(server.manager().change(id, event)), [](const std::exception_ptr&) {});
}

void Clients::pause(Server& server, const std::string& printer, bool paused) {
  trace_.note("operator: {} {}", paused ? "pause" : "resume", printer);
  ask(server, server.manager().pause(printer, paused), [](const std::exception_ptr&) {});
}

void Clients::release_all(Server& server, const std::vector<std::string>& printers) {
  for (const auto& printer : printers) pause(server, printer, false);
  std::vector<int> held;
  auto walk = server.manager().walk_jobs({});
  for (auto found = walk.next(kJobsAtOnce); !found.empty(); found = walk.next(kJobsAtOnce)) {
    for (const auto& job : found) {
      if (job->hold_until != "no-hold") held.push_back(job->id);
    }
  }
  for (const int id : held) release(server, id);
}

}  // namespace ipm::simulation
