// What a server's refusal means: its own number and words where it is one of ours, else its status.
#include <fmt/format.h>

#include <array>

#include "base/text.h"
#include "ipm/common/ipp_session.h"
#include "ipp/attribute_text.h"

namespace ipm::app {
namespace {

using ipp::Status;

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

// "IMP-4004: there is no destination nowhere; ipm printer list shows what there is."
struct Words {
  std::optional<Message> message;
  std::string happened;
  std::string mend;
};

Words read_words(std::string_view text) {
  const auto colon = text.find(": ");
  const auto number =
      colon == std::string_view::npos ? std::nullopt : find_message(text.substr(0, colon));
  if (!number) return {std::nullopt, printable(text, 600), {}};
  const std::string_view rest = text.substr(colon + 2);
  const auto semicolon = rest.find("; ");
  Words words{number, printable(rest.substr(0, semicolon), 600), {}};
  if (semicolon == std::string_view::npos) return words;
  const std::string_view mend = rest.substr(semicolon + 2);
  // A status message ends at its 255th byte: the catalogue knows the rest.
  if (!row(*number).mend.starts_with(mend)) words.mend = printable(mend, 600);
  return words;
}

}  // namespace

void require_granted(const ipp::Message& request, const ipp::Message& reply) {
  if (ipp::is_successful(reply.status())) return;
  const ipp::Group* const operation = reply.find_group(ipp::GroupTag::Operation);
  const auto text = operation == nullptr ? std::nullopt : operation->find_text("status-message");
  Words words = read_words(text.value_or(""));
  const Message message = words.message.value_or(message_of(request, reply.status()));
  std::string happened = std::move(words.happened);
  if (!words.message) {
    happened = fmt::format("the server answers {} to {}{}{}", ipp::status_label(reply.header.code),
                           ipp::operation_label(request.header.code), happened.empty() ? "" : ": ",
                           happened);
  }
  const ipp::Group* const unsupported = reply.find_group(ipp::GroupTag::Unsupported);
  if (unsupported != nullptr && !unsupported->attributes.empty()) {
    happened += fmt::format(" ({})", ipp::to_text(*unsupported));
  }
  throw Error(message, std::move(happened), std::string(expected_of(message)),
              std::move(words.mend));
}

}  // namespace ipm::app
