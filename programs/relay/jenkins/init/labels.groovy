// Keeps the agents that may deploy to the jobs that deploy. Any branch's Jenkinsfile may ask for any label; a label alone
// would hand production's role to whoever pushes a branch.
import hudson.model.Node
import hudson.model.Queue
import hudson.model.queue.CauseOfBlockage
import hudson.model.queue.QueueTaskDispatcher
import jenkins.model.Jenkins

class DeployersOnly extends QueueTaskDispatcher {
    static final Map<String, String> JOBS = [
        'deploy-preproduction': 'relay/main',
        'deploy-production': 'promotion'
    ]

    @Override
    CauseOfBlockage canTake(Node node, Queue.BuildableItem item) {
        // A label of the agent's, not of the task's: a task may name it as part of an expression.
        String label = node.assignedLabels*.name.find { JOBS.containsKey(it) }
        String job = item.task.ownerTask.fullName
        label == null || JOBS[label] == job ? null : new Refused(reason: "agents ${label} are for job ${JOBS[label]}, not ${job}")
    }
}

class Refused extends CauseOfBlockage {
    String reason

    @Override
    String getShortDescription() { reason }
}

Jenkins.get().getExtensionList(QueueTaskDispatcher).add(new DeployersOnly())
