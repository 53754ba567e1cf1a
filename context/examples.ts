/** Example contexts, without PIN, role and service. */
export const examples: Readonly<Record<string, string>> = {
  amiconfig: `[example_section]
my_master_ip=###MASTER_IP_PLACEHOLDER###

[amiconfig]
plugins=cernvm

[ucernvm-begin]
cvmfs_branch=cernvm-sl7.cern.ch
[ucernvm-end]
`,
  cloud: `#cloud-config
# [ucernvm-begin]
# [ucernvm-end]
write_files:
  - path: /etc/condor/config.d/10-master
    content: "CONDOR_HOST = ###MASTER_IP_PLACEHOLDER###"
    defer: true
`,
  mime: `MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="context"

--context
Content-Type: text/amiconfig-user-data
Content-Transfer-Encoding: 7bit

[amiconfig]
plugins=cernvm

[ucernvm-begin]
cvmfs_branch=cernvm-sl7.cern.ch
[ucernvm-end]

--context
Content-Type: text/cloud-config
Content-Transfer-Encoding: 7bit

#cloud-config
write_files:
  - path: /etc/condor/config.d/10-master
    content: "CONDOR_HOST = ###MASTER_IP_PLACEHOLDER###"
    defer: true

--context--
`,
};
