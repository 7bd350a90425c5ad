# Jenkins, for tests/contract.bats.
# shellcheck shell=bash disable=SC2034 # what is set here is read there
as_jenkins() {
  serve jenkins/log "$(
    {
      answer 'GET /jenkins/job/none/api/json?tree=*' '{"builds":[]}'
      answer 'GET /jenkins/job/a/job/b/9/api/json?tree=*' '' 404
      answer 'GET /jenkins/job/a/job/b/9/logText/*' '' 404
    } | cassette jenkins
  )"
  export JENKINS_URL=$URL/jenkins JENKINS_USER=ada JENKINS_TOKEN=a-token
  local at="jenkins@${URL#http://}/jenkins:a/b"
  HERE='-p jenkins -R a/b' EMPTY='-p jenkins -R none' REFS="$at/run/10" FAILED='' SHA='' LOG='Finished: SUCCESS'
  UNKNOWN=$at/run/9 LACKS="dl-jobs $at/run/10" LACK=jobs OWNERS='github, local'
}
