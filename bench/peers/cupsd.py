"""cupsd with one raw, stopped queue that accepts jobs: it keeps them, and delivers nothing."""

import shutil
import socket
import ssl

from .server import Server, free_port

FILES = """\
ServerRoot {folder}
CacheDir {folder}/cache
StateDir {folder}/state
RequestRoot {folder}/spool
TempDir {folder}/spool/tmp
DocumentRoot {folder}/doc
ErrorLog {folder}/error_log
AccessLog {folder}/access_log
PageLog {folder}/page_log
ServerKeychain {folder}/ssl
CreateSelfSignedCerts no
FileDevice Yes
SyncOnClose No
"""

# Without logs, limits, discovery and history to look after: what is left is taking in jobs.
DAEMON = """\
LogLevel none
AccessLogLevel config
MaxLogSize 0
ServerName localhost
ServerAlias *
Listen 127.0.0.1:{plain}
SSLListen 127.0.0.1:{port}
Browsing No
WebInterface No
DefaultAuthType None
HostNameLookups Off
MaxJobs 0
MaxJobsPerUser 0
MaxJobsPerPrinter 0
MaxClients 15000
MaxClientsPerHost 15000
ListenBackLog 4096
Timeout 900
KeepAliveTimeout 300
<Location />
  Order deny,allow
  Allow all
</Location>
<Policy default>
  <Limit All>
    Order deny,allow
    Allow all
  </Limit>
</Policy>
"""

PRINTERS = """\
<DefaultPrinter bench>
DeviceURI file:///dev/null
State Stopped
StateMessage Paused
Accepting Yes
Shared Yes
JobSheets none none
QuotaPeriod 0
PageLimit 0
KLimit 0
OpPolicy default
ErrorPolicy stop-printer
</DefaultPrinter>
"""


class Cupsd(Server):
    name = "cupsd"
    path = "/printers/bench"

    def prepare(self):
        if self.mutual:
            raise RuntimeError("cupsd asks nobody for a certificate")
        for name in ("cache", "state", "spool/tmp", "doc", "ssl"):
            (self.folder / name).mkdir(parents=True)
        certificate, key = self.certificates.server
        shutil.copy(certificate, self.folder / "ssl/localhost.crt")
        shutil.copy(key, self.folder / "ssl/localhost.key")
        self.port = free_port()
        (self.folder / "cups-files.conf").write_text(FILES.format(folder=self.folder))
        (self.folder / "cupsd.conf").write_text(DAEMON.format(port=self.port, plain=free_port()))
        (self.folder / "printers.conf").write_text(PRINTERS)
        return ["/usr/sbin/cupsd", "-f", "-c", self.folder / "cupsd.conf", "-s", self.folder / "cups-files.conf"]

    def after_start(self):
        """It must serve the very certificate that ours serves: a self-signed RSA one is no peer."""
        wanted = ssl.PEM_cert_to_DER_cert(self.certificates.server[0].read_text())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", self.port)) as plain:
            # Without SNI, as the load generator comes.
            with context.wrap_socket(plain) as stream:
                if stream.getpeercert(binary_form=True) != wanted:
                    raise RuntimeError("cupsd serves another certificate than it was given")
