"""nginx, for handshakes. One worker: it is compared by CPU time."""

from .server import Server, free_port

CONFIGURATION = """\
daemon off;
user root;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log crit;
events {{ worker_connections 16384; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl backlog=4096;
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    ssl_client_certificate {authority};
    ssl_verify_client {verify};
    ssl_protocols TLSv1.2 TLSv1.3;
    {sessions}
    location / {{ return 200 "ok"; }}
  }}
}}
"""


class Nginx(Server):
    name = "nginx"

    def __init__(self, folder, certificates, *, mutual=False, resumption=True):
        super().__init__(folder, certificates, mutual=mutual)
        self.resumption = resumption

    def prepare(self):
        certificate, key = self.certificates.server
        self.port = free_port()
        (self.folder / "nginx.conf").write_text(CONFIGURATION.format(
            folder=self.folder, port=self.port, certificate=certificate, key=key,
            authority=self.certificates.authority, verify="on" if self.mutual else "off",
            sessions="" if self.resumption else "ssl_session_cache off; ssl_session_tickets off;"))
        return ["/usr/sbin/nginx", "-c", self.folder / "nginx.conf", "-e", self.folder / "error.log"]
