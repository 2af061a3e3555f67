#!/bin/bash
# Sets up the SFTP host on its first start: one user, who can put and get files below /srv/sftp and do nothing else.
set -euo pipefail
groupadd --force sftponly
id mainframe >/dev/null 2>&1 || useradd --gid sftponly --home-dir /upload --shell /sbin/nologin mainframe
install -d -o root -g root -m 0755 /srv/sftp
install -d -o mainframe -g sftponly -m 0750 /srv/sftp/upload
install -d -o root -g root -m 0755 /etc/ssh/sftp_keys
cat >/etc/ssh/sshd_config.d/40-sftp.conf <<'SSHD'
PasswordAuthentication no
PermitRootLogin no
Match Group sftponly
    AuthorizedKeysFile /etc/ssh/sftp_keys/%u
    ChrootDirectory /srv/sftp
    ForceCommand internal-sftp
    AllowTcpForwarding no
    X11Forwarding no
SSHD
sshd -t
systemctl restart sshd
