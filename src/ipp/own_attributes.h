#pragma once
// Attributes that only this product's server and client know, beside those of IPP and CUPS: their
// names and what they carry. Clients that do not know them lose nothing.

#include <string_view>

namespace ipm::ipp::own {

// --- Of a destination: set with CUPS-Add-Modify-Printer, told by Get-Printer-Attributes ----------
// Whether a raw device's orderly end is waited for before a job counts as delivered (boolean).
inline constexpr std::string_view kWaitForEnd = "imprimatur-wait-for-end";
// What happens to a job that its device did not take (keyword): CUPS's name, our four words.
inline constexpr std::string_view kErrorPolicy = "printer-error-policy";
inline constexpr std::string_view kErrorPolicies[] = {"retry", "hold-job", "abort-job",
                                                      "stop-printer"};
// What happens to a job that may be at its device already (keyword).
inline constexpr std::string_view kDoubtPolicy = "imprimatur-when-in-doubt";
inline constexpr std::string_view kDoubtPolicies[] = {"again", "hold"};
// Deliveries of one job that may fail by its own fault before its policy holds (integer, 1 to 100).
inline constexpr std::string_view kAttemptsMax = "imprimatur-attempts-max";
// The file on the server with user name and password for the device (name); empty: none.
inline constexpr std::string_view kCredentials = "imprimatur-credentials";
// Capabilities of a device that cannot be asked are declared by their IPP names, as
// "sides-supported"; all of them together replace those of before.

// --- Operation attributes -------------------------------------------------------------------------
// CUPS-Add-Modify-Printer: "add" refuses a name that is taken, "modify" one that is not (keyword);
// without it a destination is added or changed, as CUPS does.
inline constexpr std::string_view kIntent = "imprimatur-intent";
// CUPS-Delete-Printer: what becomes of the jobs that are not finished (keyword: "cancel" or "move").
// Without it a destination that has such jobs is not deleted.
inline constexpr std::string_view kJobs = "imprimatur-jobs";
// With "move": the destination that gets them (name).
inline constexpr std::string_view kMoveTo = "imprimatur-move-to";

// --- Of a job -------------------------------------------------------------------------------------
// Delivered, or under way, to this device (text), under its own job-id (integer; absent: none).
inline constexpr std::string_view kDeliveredTo = "imprimatur-delivered-to";
inline constexpr std::string_view kDeviceJob = "imprimatur-device-job";
inline constexpr std::string_view kAttempts = "imprimatur-attempts";  // integer
// May be there twice, or in part (boolean).
inline constexpr std::string_view kDoubtful = "imprimatur-doubtful";
inline constexpr std::string_view kOwnerCertificate = "imprimatur-owner-certificate";
inline constexpr std::string_view kTlsVersion = "imprimatur-tls-version";

}  // namespace ipm::ipp::own
