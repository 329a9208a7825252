#include "output/device_answers.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <span>

#include "base/text.h"
#include "output/limits.h"

namespace ipm::output {
namespace {

using ipp::Status;
using ippclient::Silence;

constexpr int kTold = 1;   // said once, it will say so again
constexpr int kFlaky = 5;  // may have been a hiccup
constexpr int kWait = 0;   // for as long as the device is like this

template <class Key>
struct Row {
  Key key;
  DeviceAnswer meaning;
};

constexpr DeviceAnswer device(int looks, Mend mend = Mend::None,
                              std::string_view reason = "other-warning") {
  return {Outcome::DeviceAway, looks, mend, reason, {}};
}
constexpr DeviceAnswer job(int looks, std::string_view reason = "aborted-by-system",
                           Mend mend = Mend::None) {
  return {Outcome::JobFailed, looks, mend, {}, reason};
}
constexpr DeviceAnswer refused(std::string_view reason = "aborted-by-system") {
  return {Outcome::JobRefused, kTold, Mend::None, {}, reason};
}

constexpr std::array kStatuses = {
    Row<Status>{Status::RedirectionOtherSite, device(kTold, Mend::Address)},
    Row<Status>{Status::BadRequest, refused()},
    Row<Status>{Status::Forbidden, job(kTold, "job-canceled-by-operator")},
    Row<Status>{Status::NotAuthenticated, job(kTold, "aborted-by-system", Mend::Credentials)},
    Row<Status>{Status::NotAuthorized, job(kTold)},
    Row<Status>{Status::NotPossible, job(kTold)},
    Row<Status>{Status::Timeout, job(kFlaky)},
    Row<Status>{Status::NotFound, device(kTold, Mend::Address)},
    Row<Status>{Status::Gone, device(kTold, Mend::Address)},
    Row<Status>{Status::RequestEntityTooLarge, refused()},
    Row<Status>{Status::RequestValueTooLong, refused()},
    Row<Status>{Status::DocumentFormatNotSupported, refused("unsupported-document-format")},
    Row<Status>{Status::AttributesOrValuesNotSupported,
                refused("unsupported-attributes-or-values")},
    Row<Status>{Status::UriSchemeNotSupported, job(kTold)},
    Row<Status>{Status::CharsetNotSupported, job(kTold)},
    Row<Status>{Status::ConflictingAttributes, refused("conflicting-attributes")},
    Row<Status>{Status::CompressionNotSupported, refused("unsupported-compression")},
    Row<Status>{Status::CompressionError, refused("compression-error")},
    Row<Status>{Status::DocumentFormatError, refused("document-format-error")},
    Row<Status>{Status::DocumentAccessError, refused("document-access-error")},
    Row<Status>{Status::AttributesNotSettable, refused()},
    Row<Status>{Status::IgnoredAllSubscriptions, refused()},
    Row<Status>{Status::TooManySubscriptions, job(kTold)},
    Row<Status>{Status::IgnoredAllNotifications, refused()},
    Row<Status>{Status::PrintSupportFileNotFound, job(kTold)},
    Row<Status>{Status::DocumentPasswordError, refused("document-password-error")},
    Row<Status>{Status::DocumentPermissionError, refused("document-permission-error")},
    Row<Status>{Status::DocumentSecurityError, refused("document-security-error")},
    Row<Status>{Status::DocumentUnprintableError, refused("document-unprintable-error")},
    Row<Status>{Status::AccountInfoNeeded, job(kTold, "account-info-needed")},
    Row<Status>{Status::AccountClosed, job(kTold, "account-closed")},
    Row<Status>{Status::AccountLimitReached, job(kTold, "account-limit-reached")},
    Row<Status>{Status::AccountAuthorizationFailed, job(kTold, "account-authorization-failed")},
    Row<Status>{Status::NotFetchable, job(kTold)},
    Row<Status>{Status::InternalError, job(kFlaky)},
    Row<Status>{Status::OperationNotSupported, device(kTold)},
    Row<Status>{Status::ServiceUnavailable, device(kWait)},
    Row<Status>{Status::VersionNotSupported, device(kTold)},
    Row<Status>{Status::DeviceError, device(kWait)},
    Row<Status>{Status::TemporaryError, device(kWait)},
    Row<Status>{Status::NotAcceptingJobs, device(kWait)},
    Row<Status>{Status::Busy, device(kWait)},
    // Somebody ended it at the device; that is no fault of anybody's.
    Row<Status>{Status::JobCanceled,
                DeviceAnswer{Outcome::Canceled, kTold, Mend::None, {}, "job-canceled-at-device"}},
    Row<Status>{Status::MultipleDocumentJobsNotSupported, job(kTold)},
    Row<Status>{Status::PrinterIsDeactivated, device(kWait, Mend::None, "deactivated")},
    Row<Status>{Status::TooManyJobs, device(kWait)},
    Row<Status>{Status::TooManyDocuments, job(kTold)},
};

constexpr std::array kHttp = {
    Row<int>{301, device(kTold, Mend::Address)},
    Row<int>{302, device(kTold, Mend::Address)},
    Row<int>{303, device(kTold, Mend::Address)},
    Row<int>{307, device(kTold, Mend::Address)},
    Row<int>{308, device(kTold, Mend::Address)},
    Row<int>{400, job(kFlaky)},
    Row<int>{401, device(kTold, Mend::Credentials)},
    Row<int>{403, job(kTold)},
    Row<int>{404, device(kTold, Mend::Address)},
    Row<int>{405, device(kTold, Mend::Address)},
    Row<int>{407, device(kTold)},
    Row<int>{408, device(kWait)},
    Row<int>{410, device(kTold, Mend::Address)},
    Row<int>{413, refused()},
    Row<int>{417, device(kTold)},
    Row<int>{421, device(kTold, Mend::Address)},
    Row<int>{426, device(kTold, Mend::UseTls)},
    Row<int>{429, device(kWait)},
    Row<int>{502, device(kWait)},
    Row<int>{503, device(kWait)},
    Row<int>{504, device(kWait)},
    Row<int>{505, device(kTold)},
};

constexpr std::array kSilences = {
    Row<Silence>{Silence::Unreachable, device(kWait, Mend::None, "connecting-to-device")},
    Row<Silence>{Silence::TlsRefused, device(kWait, Mend::None, "connecting-to-device")},
    Row<Silence>{Silence::Broken, device(kWait, Mend::None, "connecting-to-device")},
    Row<Silence>{Silence::TimedOut, device(kWait, Mend::None, "connecting-to-device")},
    Row<Silence>{Silence::Unintelligible, job(kFlaky)},
    Row<Silence>{Silence::Undecodable, job(kFlaky)},
    Row<Silence>{Silence::Ours, refused("document-access-error")},
};

template <class Key>
const DeviceAnswer* find(std::span<const Row<Key>> rows, Key key) {
  const auto at =
      std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.key == key; });
  return at == rows.end() ? nullptr : &at->meaning;
}

std::string mend_text(Mend mend, const ippclient::Answer& answer, const Uri& device) {
  Uri secure = device;
  secure.scheme = "ipps";
  switch (mend) {
    case Mend::UseTls:
      return fmt::format("it wants TLS: ipm printer set NAME --to {}", to_string(secure));
    case Mend::Address:
      if (!answer.location.empty()) {
        return fmt::format("it points to {}: ipm printer set NAME --to ADDRESS",
                           printable(answer.location, kDeviceWordsBytesMax));
      }
      return "the address is not that of a printer there: ipm printer set NAME --to ADDRESS";
    case Mend::Credentials:
      return device.scheme == "ipps"
                 ? std::string(
                       "it wants a user name and a password: ipm printer set NAME "
                       "--credentials FILE")
                 : fmt::format(
                       "it wants a user name and a password, which are sent over TLS only: "
                       "ipm printer set NAME --to {} --credentials FILE",
                       to_string(secure));
    case Mend::None:
      break;
  }
  return {};
}

}  // namespace

DeviceAnswer meaning_of(Status status) {
  if (const auto* row = find<Status>(kStatuses, status)) return *row;
  // Not registered: of the 0x05 kind the device may think again (RFC 8011, B.1.5).
  return job(static_cast<std::uint16_t>(status) >= 0x0500 ? kFlaky : kTold);
}

DeviceAnswer meaning_of_http(int status) {
  if (const auto* row = find<int>(kHttp, status)) return *row;
  // A success that is no IPP reply is an answer that got lost.
  return job(status >= 200 && status < 300 ? kFlaky : status >= 500 ? kFlaky : kTold);
}

DeviceAnswer meaning_of(Silence silence) {
  if (const auto* row = find<Silence>(kSilences, silence)) return *row;
  return job(kFlaky);
}

DeviceAnswer meaning_of(const ippclient::Answer& answer) {
  if (answer.reply) return meaning_of(answer.reply->status());
  if (answer.http_status != 0) return meaning_of_http(answer.http_status);
  return meaning_of(answer.silence);
}

std::string words_of(const ippclient::Answer& answer, const Uri& device) {
  std::string text;
  if (answer.reply) {
    text = fmt::format("{} answers {}", device.authority(),
                       ipp::status_label(answer.reply->header.code));
    const auto* group = answer.reply->find_group(ipp::GroupTag::Operation);
    const auto words = group == nullptr ? std::nullopt : group->find_text("status-message");
    if (words && !words->empty()) text += ": " + printable(*words, kDeviceWordsBytesMax);
  } else if (answer.error) {
    text = answer.error->happened();
  }
  const std::string mend = mend_text(meaning_of(answer).mend, answer, device);
  if (!mend.empty()) return text + "; " + mend;
  // Trust is mended where it is configured: the words of the check say how.
  if (answer.silence == Silence::TlsRefused && !answer.error->mend().empty()) {
    text += "; " + answer.error->mend();
  }
  return text;
}

Result result_of(const ippclient::Answer& answer, const Uri& device) {
  const DeviceAnswer meaning = meaning_of(answer);
  Result result{meaning.outcome, words_of(answer, device)};
  if (!meaning.printer_reason.empty())
    result.printer_reasons = {std::string(meaning.printer_reason)};
  if (!meaning.job_reason.empty()) result.job_reasons = {std::string(meaning.job_reason)};
  return result;
}

}  // namespace ipm::output
