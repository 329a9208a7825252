#include "print/manager/assignment.h"

#include <fmt/format.h>

#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "ipp/limits.h"

namespace ipm::print {
namespace {

class SpoolSource final : public output::Source {
 public:
  explicit SpoolSource(spool::DocumentReader reader) : reader_(std::move(reader)) {}

  std::size_t read(std::span<unsigned char> into) override {
    return reader_.read({reinterpret_cast<char*>(into.data()), into.size()});
  }

 private:
  spool::DocumentReader reader_;
};

}  // namespace

output::Assignment assignment_of(const Job& job, spool::Spool& spool) {
  output::Assignment assignment;
  assignment.job_id = job.id;
  assignment.job_name = job.name;
  // A certificate may have any name.
  assignment.owner = plain_text(job.owner.name, ipp::kNameValueBytesMax);
  assignment.copies = job.copies();
  assignment.job_template = job.job_template;
  assignment.operation_attributes = job.secrets;
  assignment.earlier = {job.device_job, job.device_up, job.ask_first, job.whole, job.part};
  for (const DocumentInfo& info : job.documents) {
    output::Document document;
    document.number = info.number;
    document.name = info.name;
    document.format = info.format;
    document.bytes = info.bytes;
    document.open = [&spool, id = job.id,
                     number = info.number]() -> std::unique_ptr<output::Source> {
      auto reader = spool.find_document(id, number);
      if (!reader) {
        throw Error(Message::SpoolDamaged,
                    fmt::format("document {} of job {} is not in the spool", number, id),
                    "the document that was acknowledged");
      }
      return std::make_unique<SpoolSource>(*std::move(reader));
    };
    assignment.documents.push_back(std::move(document));
  }
  return assignment;
}

}  // namespace ipm::print
