// The controller's jobs (Job DSL, by JCasC). What a job does is in the application's Jenkinsfile, or beside this file.
multibranchPipelineJob('relay') {
    description('Every branch of the application, by its own Jenkinsfile.')
    branchSources {
        branchSource {
            source {
                github {
                    id('relay')
                    credentialsId('github')
                    repoOwner(System.getenv('GITHUB_REPOSITORY').tokenize('/')[0])
                    repository(System.getenv('GITHUB_REPOSITORY').tokenize('/')[1])
                    repositoryUrl("https://github.com/${System.getenv('GITHUB_REPOSITORY')}")
                    configuredByUrl(true)
                    traits {
                        // Branches of the repository itself, no pull requests: a fork's code gets no agent.
                        gitHubBranchDiscovery {
                            strategyId(3)
                        }
                    }
                }
            }
        }
    }
    orphanedItemStrategy {
        discardOldItems {
            numToKeep(20)
        }
    }
    factory {
        workflowBranchProjectFactory {
            scriptPath('Jenkinsfile')
        }
    }
}

pipelineJob('promotion') {
    description('What pre-production runs, to production, after an approval.')
    parameters {
        stringParam('COMMIT', '', 'The commit that pre-production runs, 40 digits.')
        stringParam('BUILD', '', 'The build that deployed it there.')
    }
    definition {
        cps {
            script(new File(System.getenv('JOBS_FOLDER'), 'promotion.Jenkinsfile').text)
            sandbox(true)
        }
    }
}

pipelineJob('nightly') {
    description('Builds main every night; the images get the tag of the date as well.')
    properties {
        pipelineTriggers {
            triggers {
                cron {
                    spec('H 2 * * *')
                }
            }
        }
    }
    definition {
        cps {
            script("build job: 'relay/main', wait: false, parameters: [booleanParam(name: 'NIGHTLY', value: true)]")
            sandbox(true)
        }
    }
}
