// What a server's refusal means: its own number and words where it is one of ours, else its status.
#include <fmt/format.h>

#include <array>

#include "base/error_wire.h"
#include "base/text.h"
#include "ipm/common/ipp_session.h"
#include "ipp/attribute_text.h"

namespace ipm::app {
namespace {

using ipp::Status;

constexpr std::size_t kWordsBytesMax = 600;  // of a server's own, in one message

struct StatusRow {
  Status status;
  Message message;
};
constexpr std::array kRows = {
    StatusRow{Status::Forbidden, Message::NotAllowed},
    StatusRow{Status::NotAuthenticated, Message::NotAllowed},
    StatusRow{Status::NotAuthorized, Message::NotAllowed},
    StatusRow{Status::NotPossible, Message::JobNotPossible},
    StatusRow{Status::RequestEntityTooLarge, Message::DocumentTooLarge},
    StatusRow{Status::DocumentFormatNotSupported, Message::FormatUnsupported},
    StatusRow{Status::AttributesOrValuesNotSupported, Message::AttributesUnsupported},
    StatusRow{Status::ConflictingAttributes, Message::AttributesUnsupported},
    StatusRow{Status::CompressionNotSupported, Message::AttributesUnsupported},
    StatusRow{Status::CompressionError, Message::CompressionBroken},
    StatusRow{Status::OperationNotSupported, Message::OperationUnsupported},
    StatusRow{Status::VersionNotSupported, Message::IppVersionUnsupported},
    StatusRow{Status::NotAcceptingJobs, Message::NotAccepting},
};

Message message_of(const ipp::Message& request, Status status) {
  if (status == Status::NotFound || status == Status::Gone) {
    return request.groups.front().contains("job-uri") ? Message::JobNotFound
                                                      : Message::PrinterNotFound;
  }
  for (const StatusRow& row : kRows) {
    if (row.status == status) return row.message;
  }
  return Message::IppStatusUnexpected;
}

std::string_view expected_of(Message message) {
  switch (message) {
    case Message::PrinterNotFound:
      return "the name of a destination of this server";
    case Message::JobNotFound:
      return "the number of a job of this server";
    case Message::NotAllowed:
      return "somebody whom the server allows it";
    case Message::JobNotPossible:
      return "a job in a state that allows it";
    case Message::NotAccepting:
      return "a destination that accepts jobs";
    case Message::FormatUnsupported:
      return "a format that the destination takes";
    case Message::AttributesUnsupported:
      return "values that the destination supports";
    default:
      return "a request that the server grants";
  }
}

// The Error of a server of ours: its parts are attributes of the reply.
std::optional<Error> error_of(const ipp::Group& operation) {
  const auto number = operation.find_text(kErrorNumberAttribute);
  if (!number) return std::nullopt;
  return error_from_parts(*number, operation.find_text(kErrorHappenedAttribute).value_or(""),
                          operation.find_text(kErrorExpectedAttribute).value_or(""),
                          operation.find_text(kErrorMendAttribute).value_or(""));
}

}  // namespace

void require_granted(const ipp::Message& request, const ipp::Message& reply) {
  if (ipp::is_successful(reply.status())) return;
  const ipp::Group* const operation = reply.find_group(ipp::GroupTag::Operation);
  const auto text = operation == nullptr ? std::nullopt : operation->find_text("status-message");
  const auto told = operation == nullptr ? std::nullopt : error_of(*operation);
  const Message message = told ? told->message() : message_of(request, reply.status());
  std::string happened;
  if (told) {
    happened = told->happened();
  } else {
    const std::string words = printable(text.value_or(""), kWordsBytesMax);
    happened =
        fmt::format("the server answers {} to {}{}{}", ipp::status_label(reply.header.code),
                    ipp::operation_label(request.header.code), words.empty() ? "" : ": ", words);
  }
  const ipp::Group* const unsupported = reply.find_group(ipp::GroupTag::Unsupported);
  if (unsupported != nullptr && !unsupported->attributes.empty()) {
    happened += fmt::format(" ({})", ipp::to_text(*unsupported));
  }
  const bool says_more = told && !told->expected().empty();
  throw Error(message, std::move(happened),
              says_more ? told->expected() : std::string(expected_of(message)),
              told ? told->mend() : std::string());
}

}  // namespace ipm::app
