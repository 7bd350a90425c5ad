# Jenkins, for tests/contract.bats.
# shellcheck shell=bash disable=SC2034 # what is set here is read there
as_jenkins() {
  local job=/jenkins/job/a/job/b failed newest
  SHA=d27afa0805201322d846d7defc29b82c88d9b5ce
  failed="{\"number\":11,\"building\":false,\"result\":\"FAILURE\",\"timestamp\":1461095492486,\"duration\":60750,\"displayName\":\"#11\",
    \"url\":\"{{base}}$job/11/\",\"actions\":[{\"lastBuiltRevision\":{\"SHA1\":\"$SHA\",\"branch\":[{\"name\":\"origin/main\"}]}}]}"
  newest='{"number":12,"building":false,"result":"SUCCESS","timestamp":1461099092486,"duration":60750,"displayName":"#12"}'
  serve "$(
    {
      answer "GET $job/api/json?tree=*" "{\"builds\":[$newest,$failed]}"
      answer "GET $job/11/api/json?tree=*" "$failed"
      answer "GET $job/12/api/json?tree=*" "$newest"
      answer "GET $job/11/wfapi/describe" '' 404
      answer "GET $job/11/logText/progressiveText?start=0" $'Started by user Ada\nFinished: FAILURE' 200 'X-Text-Size: 38' |
        sed 's|application/json|text/plain|'
      answer 'GET /jenkins/job/none/api/json?tree=*' '{"builds":[]}'
      answer "GET $job/9/*" '' 404
    } | cassette jenkins
  )"
  export JENKINS_URL=$URL/jenkins JENKINS_USER=ada JENKINS_TOKEN=a-token
  local at="jenkins@${URL#http://}/jenkins:a/b"
  HERE='-p jenkins -R a/b' EMPTY='-p jenkins -R none' REFS="$at/run/12 $at/run/11" FAILED=$at/run/11 LOG='Finished: FAILURE'
  UNKNOWN=$at/run/9 LACKS='dl-status -p jenkins -R a/b -b main' LACK=tip
  OWNERS=$(dl-providers -j 2>/dev/null | jq -r 'select(.ops | split(",") | index("tip")).name' | paste -sd , | sed 's/,/, /g')
}
