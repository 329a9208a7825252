#include "device_checks.h"

#include <algorithm>
#include <cstdio>

namespace ipm::simulation {
namespace {

using ipp::JobState;

// Of "document 1 of job 17\n…"; 0 where too little of it came.
int job_in(const std::string& content) {
  int number = 0;
  int job = 0;
  char end = 0;
  const int found = std::sscanf(content.c_str(), "document %d of job %d%c", &number, &job, &end);
  return found == 3 && end == '\n' ? job : 0;
}

struct Judge {
  const Papers& papers;
  const std::map<int, print::JobPtr>& jobs;
  Trace& trace;

  const print::Job* find(int id) const {
    const auto at = jobs.find(id);
    return at == jobs.end() ? nullptr : at->second.get();
  }
  bool completed(int id) const {
    const auto* job = find(id);
    return job != nullptr && job->state == JobState::Completed;
  }
  bool doubtful(int id) const {
    const auto* job = find(id);
    return job != nullptr && job->doubtful;
  }
  const Paper& sent(int id, const std::string& printer) const {
    const auto at = papers.find(id);
    if (at == papers.end()) trace.fail("{} printed job {}, which nobody sent", printer, id);
    if (at->second.told == Paper::Told::Refused) {
      trace.fail("{} printed job {}, which was refused", printer, id);
    }
    return at->second;
  }

  // Each document of a completed job lies in its folder as it was sent, and nothing else does but
  // what was canceled or never answered.
  void check_folder(const std::string& printer, std::map<std::string, std::string> files) const {
    for (const auto& [id, paper] : papers) {
      if (paper.printer != printer) continue;
      const auto& documents = paper.sent_documents;
      for (std::size_t number = 1; number <= documents.size(); ++number) {
        const std::string file = fmt::format("job-{}-{}-page.txt", id, number);
        const auto found = files.find(file);
        if (found == files.end()) {
          if (completed(id) && number <= paper.documents.size()) {
            trace.fail("{} is completed and not in {}", file, printer);
          }
          continue;
        }
        static_cast<void>(sent(id, printer));
        if (found->second != documents[number - 1]) trace.fail("{} is not what was sent", file);
        files.erase(found);
      }
    }
    if (!files.empty()) trace.fail("nobody sent {}", files.begin()->first);
  }

  static std::string whole(const std::vector<std::string>& documents) {
    std::string all;
    for (const auto& document : documents) all += document;
    return all;
  }

  void check_raw(const std::string& printer, const std::vector<RawPrinter::Print>& prints) const {
    struct Seen {
      int whole = 0;
      int parts = 0;
      bool troubled = false;
    };
    std::map<int, Seen> seen;
    for (const auto& print : prints) {
      const int id = job_in(print.bytes);
      if (id == 0) continue;
      const Paper& paper = sent(id, printer);
      const std::string all = whole(paper.sent_documents);
      if (!all.starts_with(print.bytes)) trace.fail("job {} is not what was sent", id);
      ++(print.bytes == all ? seen[id].whole : seen[id].parts);
      seen[id].troubled = seen[id].troubled || print.troubled;
    }
    for (const auto& [id, paper] : papers) {
      if (paper.printer != printer) continue;
      const Seen& one = seen[id];
      // "Sent, not confirmed" claims no more than that the device's system took it.
      const bool claimed =
          completed(id) && find(id)->message.find("not confirmed") == std::string::npos;
      if (claimed && !doubtful(id) && one.whole == 0) {
        trace.fail("job {} is completed and was not printed", id);
      }
      if (one.whole + one.parts > 1 && !doubtful(id)) {
        trace.fail("job {} was printed {} times and {} times in part, and does not say so", id,
                   one.whole, one.parts);
      }
      if (completed(id) && doubtful(id) && !one.troubled && !paper.interrupted) {
        trace.fail("job {} is in doubt without a reason", id);
      }
    }
  }

  void check_ipp(const std::string& printer, const IppPrinter& device) const {
    std::map<std::string, int> seen;
    for (const auto& document : device.prints()) {
      static_cast<void>(sent(job_in(document), printer));
      ++seen[document];
    }
    for (const auto& [id, paper] : papers) {
      if (paper.printer != printer) continue;
      const bool forgotten = std::ranges::find_if(device.forgotten(), [&](const std::string& name) {
                               return name.ends_with(fmt::format("-{}", id));
                             }) != device.forgotten().end();
      for (const auto& document : paper.sent_documents) {
        if (seen[document] > 1 && !(forgotten && doubtful(id))) {
          trace.fail("job {} was printed {} times", id, seen[document]);
        }
      }
      // One that has forgotten jobs, of whomever, and lists none that ended cannot tell; nor does one
      // that lists an ended job of that name, which may be an earlier one.
      if (completed(id) && doubtful(id) && device.forgotten().empty() &&
          !device.has_broken_off(fmt::format("letter-{}", id))) {
        trace.fail("job {} is in doubt, and its printer could be asked", id);
      }
      if (!completed(id) || doubtful(id)) continue;
      for (const auto& document : paper.documents) {
        if (seen[document] == 0) trace.fail("job {} is completed and was not printed", id);
      }
    }
  }
};

}  // namespace

void check_devices(const Devices& devices, const std::vector<std::string>& printers,
                   const Papers& papers, const std::map<int, print::JobPtr>& jobs, Trace& trace) {
  const Judge judge{papers, jobs, trace};
  for (const auto& printer : printers) {
    switch (kind_of(printer)) {
      case DeviceKind::File:
        judge.check_folder(printer, devices.folder(printer).files());
        break;
      case DeviceKind::Raw:
        judge.check_raw(printer, devices.raw(printer).prints());
        break;
      case DeviceKind::Ipp:
        judge.check_ipp(printer, devices.ipp(printer));
        break;
    }
  }
}

}  // namespace ipm::simulation
